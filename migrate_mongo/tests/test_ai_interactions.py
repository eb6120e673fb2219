"""What the application logs of the writing coach goes back as the original would have stored it, and comes again."""

from typing import Any

import orjson
import pytest
from bson import ObjectId
from bson.datetime_ms import DatetimeMS

from assignments.ai.boundaries import decide
from assignments.ai.interactions import new_interaction
from migrate_mongo.mappings.assignment_submissions import AI_INTERACTION
from migrate_mongo.mappings.notes import Notes
from scribetree.object_id import new_id

ON = {"enabled": True, "globalBoundary": "permissive"}
REQUIRED = ("sessionId", "type", "prompt", "response")
TYPES = {"grammar", "style", "structure", "research", "citations"}


def interaction(action: str, ai_settings: Any) -> dict[str, Any]:
    decision = decide(
        action=action, current_stage="", status="draft", ai_settings=ai_settings, writing_stages=[], recent=0
    )
    made = new_interaction(
        request_id="ai_1_abc", student_id=new_id(), action=action, question="", decision=decision, tokens=9
    )
    return orjson.loads(orjson.dumps(made))  # type: ignore[no-any-return]  # as the database gives it back


@pytest.mark.parametrize(("action", "settings"), [("generate_prompts", ON), ("generate_prompts", {}), ("", ON)])
def test_interaction_goes_back_with_all_its_members(action: str, settings: Any) -> None:
    stored = interaction(action, settings)

    rebuilt = AI_INTERACTION.rebuild(stored)

    assert rebuilt.keys() == stored.keys()
    assert all(isinstance(rebuilt[name], str) and rebuilt[name] for name in REQUIRED)
    assert rebuilt["type"] in TYPES
    assert (type(rebuilt["_id"]), type(rebuilt["timestamp"])) == (ObjectId, DatetimeMS)
    assert rebuilt["accepted"] is False


@pytest.mark.parametrize("settings", [ON, {}])
def test_interaction_that_went_back_comes_again_as_it_was(settings: Any) -> None:
    stored = interaction("generate_prompts", settings)
    notes = Notes(0, 0)

    assert AI_INTERACTION.load(AI_INTERACTION.rebuild(stored), notes, ("aiInteractions", 0)) == stored
    assert not notes.originals
