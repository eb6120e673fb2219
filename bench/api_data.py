"""A school of 5,000 people for the benchmark of the API: made in SQL, from a few hundred seeded texts."""

import json
from typing import Any

import psycopg

from migrate_mongo.sample.dice import Dice, ObjectIds
from migrate_mongo.sample.prose import Library, joined, title
from migrate_mongo.sample.scaffolding import scaffolding, texts

SEED = 1
TEXTS = 400
SCAFFOLDS = 60
PERSON, COURSE, TEMPLATE, ASSIGNMENT, SUBMISSION, DOCUMENT, COMMENT = range(1, 8)
# of course 8: its educator, two of its students, an assignment, and a document of the second with a dozen versions
EDUCATOR, STUDENT, WRITER, CLASS, TASK, PAPER = 10, 839, 854, 8, 71, 451
# two submissions of the first student: with a hundred comments, and with a dozen versions
DISCUSSED, DRAFTED = 499, 505
DRAFT = " ".join(
    f"<p>Paragraph {number} says again what the ones before it have said, at length.</p>" for number in range(50)
)


def wire_id(kind: int, number: int) -> str:
    """The id of the so-manieth row of a kind, as `pg_temp.wire` has it."""
    return f"65a00000{kind:02x}{number:014x}"


_HASH = "'bcrypt$$2b$04$E6rcdmARB82DTBX7Z42C..mmBauEVTilijJuIKDqVtmHU7Vr/NCsO'"
_START = "timestamptz '2024-01-15 08:00:00+00'"
_COURSE_SETTINGS = (
    """'{"allowSelfEnrollment": false, "requireApprovalToJoin": true, "allowStudentDiscussions": true,"""
    """ "gradingScale": "points"}'"""
)
_DOCUMENT_SETTINGS = """'{"autoSave": true, "autoSaveInterval": 30, "allowCollaboration": false}'"""
_COLLABORATION = (
    """'{"isCollaborative": false, "activeUsers": [], "conflictResolution": "auto","""
    """ "lastActiveAt": "2024-01-15T08:00:00.000Z"}'"""
)
_ANALYTICS = (
    """'{"writingSessions": 0, "totalWritingTime": 0, "averageSessionLength": 0, "writingPattern": [],"""
    """ "collaborationMetrics": {"contributorStats": [], "conflictsResolved": 0, "realTimeMinutes": 0}}'"""
)
_CHANGES = (
    """'{"type": "manual", "description": "Manual save", "addedChars": 120, "deletedChars": 0, "addedWords": 20,"""
    """ "deletedWords": 0}'"""
)
_METRICS = "jsonb_build_object('wordCount', words, 'characterCount', chars, 'readingTime', minutes)"
_CONFIGURATION = (
    "title, description, instructions, type, requirements, writing_stages, learning_objectives, ai_settings,"
    " grading_criteria, collaboration_settings, version_control_settings"
)
_SCAFFOLD = (
    "scaffold.title, scaffold.description, instructions, 'individual', requirements, writing_stages,"
    " learning_objectives, ai_settings, grading, collaboration, version_control"
)


# of the scaffolding, and the columns that they get here
_GROUPS = {
    "requirements": "requirements",
    "writingStages": "writing_stages",
    "learningObjectives": "learning_objectives",
    "aiSettings": "ai_settings",
    "grading": "grading",
    "collaboration": "collaboration",
    "versionControl": "version_control",
}


def _times(number: str, unit: str) -> str:
    return ", ".join([f"{_START} + {number} * interval '1 {unit}'"] * 2)


# Person 1 is the admin, 2 to 61 are educators, the others students. A course has thirty of them in a row, ten
# assignments of which two are deployments, seven submissions to each, and two documents of each student.
_STATEMENTS = f"""
CREATE FUNCTION pg_temp.wire(kind int, number bigint) RETURNS text IMMUTABLE LANGUAGE sql
    RETURN '65a00000' || lpad(to_hex(kind), 2, '0') || lpad(to_hex(number), 14, '0');
CREATE FUNCTION pg_temp.key(kind int, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
    RETURN object_id_uuid(pg_temp.wire(kind, number));
CREATE TEMP TABLE member AS
    SELECT class, k, 62 + (class * 97 + k) % 4939 AS person FROM generate_series(1, 300) class,
        generate_series(1, 30) k;
CREATE TEMP TABLE task AS
    SELECT (class - 1) * 10 + k AS n, k, class, 2 + class % 60 AS teacher
    FROM generate_series(1, 300) class, generate_series(1, 10) k;
CREATE TEMP TABLE work AS
    SELECT row_number() OVER (ORDER BY task.n, member.k) AS n, task.n AS task, class, teacher, person
    FROM task JOIN member USING (class) WHERE member.k <= 6 + task.n % 3;
CREATE TEMP TABLE paper AS
    SELECT row_number() OVER (ORDER BY class, k, copy) AS n, class, person FROM member, generate_series(1, 2) copy;

INSERT INTO users (id, email, password_hash, first_name, last_name, role, is_verified, bio, created_at, updated_at)
SELECT pg_temp.key({PERSON}, n), format('person%s@example.org', n), {_HASH}, 'Nora' || n, 'Reed' || n % 97,
    CASE WHEN n = 1 THEN 'admin' WHEN n <= 61 THEN 'educator' ELSE 'student' END, false,
    CASE WHEN n % 2 = 0 THEN 'I write.' END, {_times("n", "minute")}
FROM generate_series(1, 5000) n;

INSERT INTO courses (id, title, description, subject, instructor_id, is_public, settings, status, is_active,
    enrollment_code, tags, created_at, updated_at)
SELECT pg_temp.key({COURSE}, class), title, left(content, 300), 'English', pg_temp.key({PERSON}, 2 + class % 60), false,
    {_COURSE_SETTINGS}, 'published', true, 'C' || lpad(class::text, 5, '0'), ARRAY['writing', 'essay'],
    {_times("class", "hour")}
FROM generate_series(1, 300) class JOIN prose ON prose.n = class % {TEXTS};

INSERT INTO course_enrollments (id, course_id, student_id, enrolled_at, status, ordinal)
SELECT gen_random_uuid(), pg_temp.key({COURSE}, class), pg_temp.key({PERSON}, person), {_START}, 'active', k
FROM member;

INSERT INTO assignment_templates (id, instructor_id, status, tags, is_public, usage_count, {_CONFIGURATION})
SELECT pg_temp.key({TEMPLATE}, task.n), pg_temp.key({PERSON}, teacher), 'published', ARRAY['essay'], true, 1,
    {_SCAFFOLD}
FROM task JOIN scaffold ON scaffold.n = task.n % {SCAFFOLDS} WHERE k > 8;

INSERT INTO assignments (id, template_id, course_id, instructor_id, due_date, stage_due_dates, status,
    allow_late_submissions, published_at, {_CONFIGURATION}, created_at, updated_at)
SELECT pg_temp.key({ASSIGNMENT}, task.n), CASE WHEN k > 8 THEN pg_temp.key({TEMPLATE}, task.n) END,
    pg_temp.key({COURSE}, class), pg_temp.key({PERSON}, teacher), {_START} + interval '5000 days', '[]', 'published',
    true, {_START}, {_SCAFFOLD}, {_times("task.n", "minute")}
FROM task JOIN scaffold ON scaffold.n = task.n % {SCAFFOLDS};

INSERT INTO assignment_submissions (id, assignment_id, author_id, title, content, word_count, character_count, status,
    last_saved_at, current_version, collaboration_settings, major_milestones, analytics, grade, ai_interactions,
    created_at, updated_at)
SELECT pg_temp.key({SUBMISSION}, work.n), pg_temp.key({ASSIGNMENT}, task), pg_temp.key({PERSON}, person), title,
    content, words, chars, 'in_progress', {_START} + work.n * interval '1 second', 1, {_COLLABORATION}, '[]',
    {_ANALYTICS}, '{{"rubricScores": []}}', '[]', {_times("work.n", "second")}
FROM work JOIN prose ON prose.n = work.n % {TEXTS};

INSERT INTO submission_collaborators (id, submission_id, user_id, role, joined_at, ordinal)
SELECT gen_random_uuid(), pg_temp.key({SUBMISSION}, n), pg_temp.key({PERSON}, 62 + (person + 100) % 4900),
    'collaborator', {_START}, 1
FROM work WHERE n % 4 = 0;

INSERT INTO submission_comments (submission_id, author_id, ordinal, content, type, is_resolved)
SELECT pg_temp.key({SUBMISSION}, work.n), pg_temp.key({PERSON}, teacher), 0, left(content, 200), 'comment', false
FROM work JOIN prose ON prose.n = work.n % {TEXTS} WHERE work.n % 2 = 0;

INSERT INTO submission_comments (id, submission_id, author_id, parent_id, ordinal, content, type, is_resolved)
SELECT pg_temp.key({COMMENT}, place * 10 + answer), pg_temp.key({SUBMISSION}, {DISCUSSED}),
    pg_temp.key({PERSON}, CASE WHEN (place + answer) % 2 = 0 THEN {EDUCATOR} ELSE {STUDENT} END),
    CASE WHEN answer = 1 THEN pg_temp.key({COMMENT}, place * 10) END, place * (1 - answer), left(content, 200),
    'comment', place % 3 = 0
FROM generate_series(0, 99) place CROSS JOIN generate_series(0, 1) answer JOIN prose ON prose.n = place
WHERE answer = 0 OR place % 5 = 0;

INSERT INTO documents (id, title, content, course_id, author_id, type, status, settings, metadata, created_at,
    updated_at)
SELECT pg_temp.key({DOCUMENT}, paper.n), title, content, pg_temp.key({COURSE}, class), pg_temp.key({PERSON}, person),
    'draft', 'active', {_DOCUMENT_SETTINGS},
    {_METRICS} || jsonb_build_object('lastEditedBy', pg_temp.wire({PERSON}, person), 'lastEditedAt',
        to_char({_START} + paper.n * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
    {_times("paper.n", "minute")}
FROM paper JOIN prose ON prose.n = paper.n % {TEXTS};

INSERT INTO document_collaborators (id, document_id, user_id, permission, joined_at, ordinal)
SELECT gen_random_uuid(), pg_temp.key({DOCUMENT}, n), pg_temp.key({PERSON}, 62 + (person + 100) % 4900), 'edit',
    {_START}, 1
FROM paper WHERE n % 5 = 0;

INSERT INTO document_versions (document_id, version, title, content, author_id, changes, metadata, diff, created_at)
SELECT pg_temp.key({DOCUMENT}, paper.n), k, title, content, pg_temp.key({PERSON}, person), {_CHANGES}, {_METRICS},
    '{{"additions": [], "deletions": []}}', {_START} + k * interval '1 hour'
FROM paper CROSS JOIN generate_series(1, 12) k JOIN prose ON prose.n = (paper.n + k) % {TEXTS}
WHERE k <= 1 OR paper.n % 50 = 1;

INSERT INTO document_versions (submission_id, version, title, content, author_id, changes, metadata, diff, created_at)
SELECT pg_temp.key({SUBMISSION}, {DRAFTED}), k, title, content, pg_temp.key({PERSON}, {STUDENT}), {_CHANGES},
    {_METRICS}, '{{"additions": [], "deletions": []}}', {_START} + k * interval '1 hour'
FROM generate_series(1, 12) k JOIN prose ON prose.n = k;

INSERT INTO writing_sessions (document_id, user_id, start_time, duration, activity, snapshots, productivity)
SELECT pg_temp.key({DOCUMENT}, n), pg_temp.key({PERSON}, person), {_START} + n * interval '1 minute', 1200,
    '{{"wordsAdded": 120}}', '[]', '{{"focusScore": 0.5}}'
FROM paper;
"""


def fill(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        _copy(connection, "prose", "n int, title text, content text, words int, chars int, minutes int", _texts())
        columns = ", ".join(f"{column} jsonb" for column in _GROUPS.values())
        _copy(
            connection,
            "scaffold",
            f"n int, title text, description text, instructions text, {columns}",
            _scaffolds(),
        )
        for statement in _STATEMENTS.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        for table, key in (
            ("documents", wire_id(DOCUMENT, PAPER)),
            ("assignment_submissions", wire_id(SUBMISSION, DRAFTED)),
        ):
            connection.execute(f"UPDATE {table} SET content = %s WHERE id = object_id_uuid(%s)", [DRAFT, key])
        connection.execute("VACUUM ANALYZE")


def _copy(connection: psycopg.Connection[Any], table: str, columns: str, rows: list[tuple[Any, ...]]) -> None:
    connection.execute(f"CREATE TEMP TABLE {table} ({columns})")
    with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _texts() -> list[tuple[Any, ...]]:
    library, dice = Library(SEED), Dice(SEED, "texts")
    drafts = [joined(library.essay(dice)[:40]) for _ in range(TEXTS)]
    return [
        (number, title(dice), draft.content, draft.words, draft.chars, draft.reading_minutes)
        for number, draft in enumerate(drafts)
    ]


def _scaffolds() -> list[tuple[Any, ...]]:
    dice, ids = Dice(SEED, "scaffolds"), ObjectIds(SEED)
    rows = []
    for number in range(SCAFFOLDS):
        words = texts(dice)
        groups = scaffolding(dice, ids, 1_700_000_000_000, kind="individual")
        rows.append((number, *words.values(), *(json.dumps(groups[name], default=str) for name in _GROUPS)))
    return rows
