from pathlib import Path
from typing import Any

from migrate_mongo.mappings import MAPPINGS
from migrate_mongo.models import ImportRun
from migrate_mongo.pipeline import Policies
from migrate_mongo.relations import Relation, edges, relations
from migrate_mongo.tests.conftest import Import
from migrate_mongo.tests.dumps import CREATED, classroom, course, document, oid, submission, version, write_dump

NOBODY = oid(99)


def found() -> dict[tuple[str, str], Relation]:
    return {(relation.collection, relation.path): relation for relation in relations(ImportRun.objects.get().pk)}


def told(relation: Relation) -> dict[str, Any]:
    """What is not nothing."""
    values = relation.as_json()
    return {name: values[name] for name in ("dangling", "wrong_type", "cast", "empty") if values[name]}


def test_a_column_tells_matching_dangling_wrong_and_empty(import_dump: Import, tmp_path: Path) -> None:
    links: list[dict[str, Any]] = [
        {"course": oid(10)},
        {"course": str(oid(10))},  # text, which is converted
        {"course": str(NOBODY)},  # converted too, and leads nowhere
        {"course": NOBODY},
        {"course": 7},
        {"course": None},
        {},
    ]
    documents = [document(40 + number, 2, **link) for number, link in enumerate(links)]
    import_dump(write_dump(tmp_path, classroom(documents=documents)))

    relation = found()["documents", "course"]

    assert relation.ok == {"courses": 2}
    assert told(relation) == {"dangling": 2, "wrong_type": 1, "cast": 2, "empty": 2}
    assert (relation.total, relation.rate) == (5, 0.4)


def test_a_required_reference_counts_the_documents_that_it_rejects(import_dump: Import, tmp_path: Path) -> None:
    courses = [
        course(10, 1),
        course(11, 99),
        {**course(12, 1), "instructor": 7},
        {**course(13, 1), "instructor": None},
        {key: value for key, value in course(14, 1).items() if key != "instructor"},
    ]
    import_dump(write_dump(tmp_path, classroom(courses=courses)))

    relation = found()["courses", "instructor"]

    assert relation.ok == {"users": 1}
    assert told(relation) == {"dangling": 1, "wrong_type": 1, "empty": 2}


def test_a_refused_reference_is_dangling_all_the_same(import_dump: Import, tmp_path: Path) -> None:
    dump = write_dump(tmp_path, classroom(documents=[document(40, 2, course=NOBODY), document(41, 2)]))
    import_dump(dump, policies=Policies(on_dangling="reject"))

    assert told(found()["documents", "course"]) == {"dangling": 1, "empty": 1}


def test_members_and_authors_of_comments(import_dump: Import, tmp_path: Path) -> None:
    reply = {"_id": oid(61), "author": NOBODY, "content": "So", "createdAt": CREATED}
    comment = {"_id": oid(60), "id": oid(60), "author": oid(1), "content": "Why?", "createdAt": CREATED}
    import_dump(
        write_dump(
            tmp_path,
            classroom(
                courses=[course(10, 1, students=[oid(2), oid(3), oid(2), str(oid(4)), NOBODY, None, 7])],
                assignmentsubmissions=[submission(30, 20, 2, comments=[{**comment, "replies": [reply]}])],
            ),
        )
    )

    relations = found()

    assert relations["courses", "students[]"].ok == {"users": 3}
    assert told(relations["courses", "students[]"]) == {"dangling": 1, "wrong_type": 1, "cast": 1}
    assert relations["courses", "students[]"].empty is None
    assert relations["assignmentsubmissions", "comments[].author"].ok == {"users": 1}
    assert relations["assignmentsubmissions", "comments[].replies[].author"].ok == {"users": 0}
    assert told(relations["assignmentsubmissions", "comments[].replies[].author"]) == {"dangling": 1}


def test_a_reference_to_either_of_two_tables(import_dump: Import, tmp_path: Path) -> None:
    import_dump(
        write_dump(
            tmp_path,
            classroom(
                assignmentsubmissions=[submission(30, 20, 2)],
                documents=[document(40, 2)],
                documentversions=[version(50, 40, 1), version(51, 40, 2), version(52, 30, 1), version(53, 98, 1)],
            ),
        )
    )

    relation = found()["documentversions", "document"]

    assert relation.ok == {"documents": 2, "assignment_submissions": 1}
    assert (relation.total, relation.dangling, relation.rate) == (4, 1, 0.75)


def test_ids_inside_json(import_dump: Import, tmp_path: Path) -> None:
    import_dump(
        write_dump(
            tmp_path,
            classroom(
                assignmentsubmissions=[
                    submission(30, 20, 2, collaboration={"activeUsers": [oid(2), NOBODY, None, 7]}),
                    submission(31, 20, 3, majorMilestones=[{"author": oid(3)}, {"version": 2}]),
                ],
                documents=[
                    document(40, 2, metadata={"lastEditedBy": oid(2), "lastEditedAt": CREATED}),
                    document(41, 2, metadata={"lastEditedBy": NOBODY, "lastEditedAt": CREATED}),
                    document(42, 2, metadata={"lastEditedBy": None, "lastEditedAt": CREATED}),
                    document(43, 2),
                ],
            ),
        )
    )

    relations = found()

    active = relations["assignmentsubmissions", "collaboration.activeUsers[]"]
    assert (active.ok, active.empty) == ({"users": 1}, None)
    assert told(active) == {"dangling": 1, "wrong_type": 1}
    assert relations["assignmentsubmissions", "majorMilestones[].author"].ok == {"users": 1}
    assert relations["documents", "metadata.lastEditedBy"].ok == {"users": 1}
    assert told(relations["documents", "metadata.lastEditedBy"]) == {"dangling": 1, "empty": 2}


def test_collections_that_share_a_table_are_told_apart(import_dump: Import, sample: Path) -> None:
    report = import_dump(sample)

    relations = found()

    for name in ("assignments", "courseassignments"):
        assert relations[name, "course"].total == report.collections[name]["loaded"] > 0


def test_the_totals_are_those_of_the_documents(import_dump: Import, sample: Path) -> None:
    """The profile counts the ObjectIds at each path, and knows nothing of mappings and tables."""
    profiles = import_dump(sample, profiles=True).profiles

    counted = {key: (relation.matching, relation.total) for key, relation in found().items()}
    seen = {
        (collection, path): profiles[collection]["paths"].get(path, {"types": {}})["types"].get("objectId", 0)
        for collection, path in counted
    }
    assert counted == {key: (count, count) for key, count in seen.items()}
    assert sum(seen.values()) > 1000


def test_every_reference_knows_whom_it_can_name() -> None:
    known = list(edges())

    assert ("documentversions", "document", "assignmentsubmissions") in known
    assert ("documents", "assignment", "courseassignments") in known
    assert ("notifications", "context.writingSession", "writingsessions") in known
    assert {collection for *_, collection in known} == set(MAPPINGS) - {"documentversions", "notifications"}


def test_nothing_has_no_rate(import_dump: Import, tmp_path: Path) -> None:
    import_dump(write_dump(tmp_path, classroom()))

    relation = found()["documents", "course"]

    assert (relation.total, relation.rate) == (0, None)
