"""The learning objectives that educators choose from: `catalogue.json` and what is counted in it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

_DATA = json.loads(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))

PRESETS: list[dict[str, Any]] = _DATA["presets"]
SUBJECTS: dict[str, str] = _DATA["subjects"]
ASSESSMENT_TEMPLATES: dict[str, list[str]] = _DATA["assessmentTemplates"]


def presets(**wanted: Any) -> list[dict[str, Any]]:
    """Those that have all the wanted values; None wants nothing."""
    asked = [(name, value) for name, value in wanted.items() if value is not None]
    return [preset for preset in PRESETS if all(preset[name] == value for name, value in asked)]


@cache
def categories() -> list[dict[str, Any]]:
    return [
        {
            "category": category,
            "count": len(found := presets(category=category)),
            "bloomsLevels": sorted({preset["bloomsLevel"] for preset in found}),
        }
        for category in dict.fromkeys(preset["category"] for preset in PRESETS)
    ]


@cache
def subjects() -> list[dict[str, Any]]:
    return [{"key": key, "name": name, **_counted(presets(subject=key))} for key, name in SUBJECTS.items()]


@cache
def blooms_levels() -> list[dict[str, Any]]:
    return [{**level, **_counted(presets(bloomsLevel=level["level"]))} for level in _DATA["bloomsLevels"]]


def assessment_template(subject: str) -> dict[str, Any] | None:
    criteria = ASSESSMENT_TEMPLATES.get(subject)
    if criteria is None:
        return None
    return {"subject": subject, "subjectName": SUBJECTS[subject], "criteria": criteria}


def _counted(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"count": len(found), "presets": found}
