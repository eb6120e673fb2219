"""Whether a set of learning objectives is complete and balanced. Whatever the elements are, there is an answer."""

from collections.abc import Iterator, Mapping
from typing import Any

from rest_framework import serializers

from assignments.configuration import WEIGHT_TOLERANCE
from scribetree.api.fields import Number
from scribetree.text_metrics import trim

_number = Number()


def review_objectives(elements: list[Any]) -> dict[str, Any]:
    objectives = [_readable(element) for element in elements]
    levels = {objective["bloomsLevel"] for objective in objectives}
    total = sum(objective["weight"] or 0 for objective in objectives)
    errors = list(_errors(objectives, total))
    return {
        "isValid": not errors,
        "errors": errors,
        "warnings": list(_warnings(len(objectives), levels)),
        "summary": {
            "totalObjectives": len(objectives),
            "totalWeight": total,
            "bloomsLevels": sorted(levels, key=lambda level: (level is None, level)),
            "categories": list(dict.fromkeys(objective["category"] for objective in objectives)),
        },
    }


def _readable(element: Any) -> dict[str, Any]:
    """The members in their types; None for what is missing or cannot be read."""
    given = element if isinstance(element, Mapping) else {}
    texts = {name: value if isinstance(value := given.get(name), str) else None for name in ("description", "category")}
    numbers = {name: _as_number(given.get(name)) for name in ("bloomsLevel", "weight")}
    return {**texts, **numbers}


def _as_number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    try:
        return _number.to_internal_value(value)
    except serializers.ValidationError:
        return None


def _errors(objectives: list[dict[str, Any]], total: float) -> Iterator[str]:
    if abs(total - 100) > WEIGHT_TOLERANCE:
        yield f"Total weight must equal 100% (currently {total}%)"
    for number, objective in enumerate(objectives, 1):
        level, weight = objective["bloomsLevel"], objective["weight"]
        if not trim(objective["description"] or ""):
            yield f"Objective {number}: Description is required"
        if not objective["category"]:
            yield f"Objective {number}: Category is required"
        if level not in range(1, 7):
            yield f"Objective {number}: Valid Bloom's level (1-6) is required"
        if weight is None or not 0 <= weight <= 100:
            yield f"Objective {number}: Weight must be between 0-100%"


def _warnings(count: int, levels: set[Any]) -> Iterator[str]:
    if len(levels) == 1:
        yield "Consider including objectives from multiple Bloom's taxonomy levels for comprehensive learning"
    if count < 2:
        yield "Consider adding multiple learning objectives for better assessment coverage"
    if count > 8:
        yield "Consider reducing objectives count for focused assessment (recommended: 2-6 objectives)"
    if not any(level is not None and level >= 4 for level in levels):
        yield "Consider including higher-order thinking objectives (Analysis, Synthesis, Evaluation)"
