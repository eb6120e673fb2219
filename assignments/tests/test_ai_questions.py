"""The built-in questions."""

from dataclasses import replace
from itertools import product

import pytest

from assignments.ai.providers import BUILT_IN, Context, ask, choose_provider
from assignments.ai.providers.built_in import BANK, explanation
from assignments.ai.vocabulary import ACTIONS, Stage

CONTEXT = Context(action="generate_prompts", stage=Stage.BRAINSTORMING, seed="one")
ALL = [question for entry in BANK["actions"].values() for question in entry["questions"]] + [
    question for stage in BANK["stages"].values() for questions in stage.values() for question in questions
]


def fitting(context: Context) -> set[str]:
    """The last questions that many seeds give."""
    return {BUILT_IN.questions(replace(context, seed=str(seed))).questions[-1] for seed in range(60)}


def test_bank_has_every_action_and_stage() -> None:
    assert set(BANK["actions"]) == set(ACTIONS)
    assert set(BANK["stages"]) == set(Stage)


@pytest.mark.parametrize("action", ACTIONS)
def test_action_has_five_questions_or_more(action: str) -> None:
    assert len(set(BANK["actions"][action]["questions"])) >= 5
    assert all(vars(explanation(action)).values())


def test_bank_holds_nothing_but_different_questions() -> None:
    assert all(question.endswith("?") and len(question) < 160 for question in ALL)
    assert len(set(ALL)) == len(ALL)


@pytest.mark.parametrize(("action", "stage"), list(product(ACTIONS, Stage)))
def test_three_questions_are_given_for_every_action_in_every_stage(action: str, stage: Stage) -> None:
    guidance = BUILT_IN.questions(replace(CONTEXT, action=action, stage=stage))

    assert len(set(guidance.questions)) == 3
    assert set(guidance.questions[:2]) <= set(BANK["actions"][action]["questions"])
    assert (guidance.provider, guidance.tokens) == ("built-in", 0)


def test_same_seed_gives_the_same_questions() -> None:
    again = BUILT_IN.questions(CONTEXT)

    assert BUILT_IN.questions(CONTEXT) == again
    assert len({tuple(BUILT_IN.questions(replace(CONTEXT, seed=str(seed))).questions) for seed in range(20)}) > 10


@pytest.mark.parametrize(("words", "size"), [(0, "empty"), (1, "short"), (149, "short"), (150, "long")])
@pytest.mark.parametrize("stage", Stage)
def test_length_of_the_text_chooses(stage: Stage, words: int, size: str) -> None:
    assert fitting(replace(CONTEXT, stage=stage, word_count=words)) == set(BANK["stages"][stage][size])


def test_objective_and_question_of_the_student_are_taken_up() -> None:
    bank = BANK["stages"]["revising"]
    context = replace(
        CONTEXT, stage=Stage.REVISING, word_count=200, objective="weigh {evidence}", question="Is it clear?"
    )

    given = fitting(context)

    asked_for = {question.replace("{objective}", "weigh {evidence}") for question in bank["objective"]}
    assert given == {*bank["long"], *bank["question"], *asked_for}


def test_long_objective_is_cut() -> None:
    given = fitting(replace(CONTEXT, objective="weigh " * 500))

    assert max(map(len, given)) < 300


def test_built_in_provider_answers_without_a_key() -> None:
    provider = choose_provider(calls=0, tokens=0)

    assert provider is BUILT_IN
    assert provider.is_healthy()
    assert ask(provider, CONTEXT) == BUILT_IN.questions(CONTEXT)
