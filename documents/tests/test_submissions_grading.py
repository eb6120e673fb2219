"""Grades, and work given back."""

from typing import Any

import pytest

from assignments.models import AssignmentSubmission
from documents.tests.submission_wire import World, refusal
from scribetree.testing import hex_id

pytestmark = pytest.mark.django_db

RUBRIC = [{"criteria": "Thesis", "points": 10}, {"criteria": "Style", "points": 5}]
WITH_RUBRIC = {"grading_criteria": {"enabled": True, "rubric": RUBRIC, "allowPeerReview": False}}
OF_100 = {"grading_criteria": {"enabled": True, "rubric": [], "totalPoints": 100, "allowPeerReview": False}}
THESIS = {"criteria": "Thesis", "score": 8, "feedback": " Clear. "}
STYLE = {"criteria": "Style", "score": 4.5}


def grade(world: World, **body: Any) -> Any:
    return world.ask("educator", "patch", "/grade", body)


def test_grade_is_stored_whole_and_answered_with_the_submission() -> None:
    world = World(assignment=WITH_RUBRIC, status="submitted")

    answer = grade(world, rubricScores=[THESIS, STYLE], overallFeedback=" Good. ")

    stored = world.stored()
    ids = [score["_id"] for score in stored.grade["rubricScores"]]
    assert (answer.status_code, answer.json()["message"]) == (200, "Submission graded successfully")
    assert answer.json()["data"] == world.ok("author", "get")
    assert (stored.status, answer.json()["data"]["gradePercentage"]) == ("graded", 83)
    assert stored.grade == {
        "score": 12.5,
        "maxScore": 15,
        "rubricScores": [
            {"_id": ids[0], "criteria": "Thesis", "score": 8, "maxScore": 10, "feedback": "Clear."},
            {"_id": ids[1], "criteria": "Style", "score": 4.5, "maxScore": 5},
        ],
        "overallFeedback": "Good.",
        "gradedBy": hex_id(world.people["educator"]),
        "gradedAt": stored.grade["gradedAt"],
    }
    assert stored.updated_at > world.submission.updated_at


@pytest.mark.parametrize(
    ("assignment", "body", "score", "maximum"),
    [
        (OF_100, {"score": 0}, 0, 100),
        (OF_100, {"score": "90.5"}, 90.5, 100),
        (OF_100, {"score": 9, "maxScore": 10}, 9, 10),
        (OF_100, {"rubricScores": [{**THESIS, "maxScore": 20}]}, 8, 100),
        (WITH_RUBRIC, {"score": 15}, 15, 15),
        (WITH_RUBRIC, {"rubricScores": [{**THESIS, "maxScore": 9}]}, 8, 15),
        (WITH_RUBRIC, {"rubricScores": [THESIS], "score": 3}, 3, 15),
        ({}, {"score": 7}, 7, None),
        ({}, {"score": 7, "maxScore": 8}, 7, 8),
        ({}, {"rubricScores": [{**THESIS, "maxScore": 20}]}, 8, 20),
        ({}, {"rubricScores": None, "score": 7, "overallFeedback": ""}, 7, None),
    ],
)
def test_score_is_given_or_the_rubrics(
    assignment: dict[str, Any], body: dict[str, Any], score: float, maximum: float | None
) -> None:
    world = World(assignment=assignment, status="submitted")

    assert grade(world, **body).status_code == 200
    stored = world.stored().grade
    assert (stored["score"], stored.get("maxScore")) == (score, maximum)
    assert "overallFeedback" not in stored


@pytest.mark.parametrize(
    ("assignment", "body", "error"),
    [
        ({}, {}, "A score or rubric scores are required"),
        ({}, {"rubricScores": []}, "A score or rubric scores are required"),
        ({}, {"score": -1}, "score: must be at least 0"),
        ({}, {"score": "much"}, "score: must be a number"),
        ({}, {"score": 9, "maxScore": 8}, "score: must be at most 8"),
        ({}, {"rubricScores": [THESIS]}, "rubricScores: maxScore of `Thesis` is required"),
        ({}, {"rubricScores": [{"score": 1}]}, "rubricScores.0.criteria: This field is required."),
        ({}, {"rubricScores": "x"}, 'rubricScores: Expected a list of items but got type "str".'),
        (OF_100, {"score": 101}, "score: must be at most 100"),
        (OF_100, {"score": 101, "maxScore": 200}, "maxScore: must be at most 100"),
        (WITH_RUBRIC, {"score": 15.5}, "score: must be at most 15"),
        (
            WITH_RUBRIC,
            {"rubricScores": [{**THESIS, "score": 11}]},
            "rubricScores: score of `Thesis` must be at most 10",
        ),
        (
            WITH_RUBRIC,
            {"rubricScores": [{**THESIS, "maxScore": 11}]},
            "rubricScores: maxScore of `Thesis` must be at most 10",
        ),
        (
            WITH_RUBRIC,
            {"rubricScores": [{**THESIS, "criteria": "Wit"}]},
            "rubricScores: `Wit` is not in the rubric of the assignment",
        ),
        (WITH_RUBRIC, {"rubricScores": [STYLE, STYLE]}, "rubricScores: each criterion can be scored once"),
    ],
)
def test_grade_that_the_assignment_does_not_know_is_refused(
    assignment: dict[str, Any], body: dict[str, Any], error: str
) -> None:
    world = World(assignment=assignment, status="submitted")

    assert refusal(grade(world, **body)) == (400, error)
    assert (world.stored().status, world.stored().grade) == ("submitted", {"rubricScores": []})


@pytest.mark.parametrize("status", ["draft", "in_progress"])
def test_work_that_is_not_handed_in_is_neither_graded_nor_returned(status: str) -> None:
    world = World(status=status)

    for path, body in (("/grade", {"score": 5}), ("/return", {})):
        assert refusal(world.ask("educator", "patch", path, body)) == (
            409,
            "Submission has not been submitted for grading",
        )


@pytest.mark.parametrize("status", ["submitted", "returned", "graded"])
def test_work_is_graded_again_and_the_grade_replaced(status: str) -> None:
    world = World(status=status, grade={"rubricScores": [], "score": 3, "overallFeedback": "Old."})

    assert grade(world, score=4).status_code == 200
    assert (world.stored().status, world.stored().grade["score"]) == ("graded", 4)
    assert "overallFeedback" not in world.stored().grade


@pytest.mark.parametrize("status", ["submitted", "returned", "graded"])
@pytest.mark.parametrize("body", [None, {}, {"feedback": None}, {"feedback": " More. "}])
def test_returned_work_is_open_again(status: str, body: Any) -> None:
    world = World(status=status, grade={"rubricScores": [], "score": 3})

    answer = world.ask("educator", "patch", "/return", body)

    assert answer.json() == {"message": "Submission returned successfully", "data": world.ok("educator", "get")}
    feedback = {"overallFeedback": "More."} if body and body.get("feedback") else {}
    assert world.stored().grade == {"rubricScores": [], "score": 3, **feedback}
    assert world.save("Better.")["submission"]["status"] == "returned"


def test_feedback_on_work_whose_grade_was_null_makes_one() -> None:
    world = World(status="submitted")
    AssignmentSubmission.objects.update(grade=None)

    assert world.ok("educator", "patch", "/return", {"feedback": "More."})["grade"] == {
        "rubricScores": [],
        "overallFeedback": "More.",
    }
