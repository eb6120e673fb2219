"""What takes the place of the options of the source's collections, or why nothing does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from migrate_mongo.index_plan import plain, shown
from migrate_mongo.mappings import MAPPINGS

_DELETES = "nothing deletes rows when their time has come"
_STORAGE = "of MongoDB's storage alone"
# Those that come with another one, which says it all.
_PARTS = frozenset(("size", "max", "validationLevel", "validationAction", "pipeline", "autoIndexId", "uuid", "flags"))

# What there is instead, and whether somebody ought to know.
_COUNTERPARTS: dict[str, tuple[str, bool]] = {
    "capped": ("a table keeps all its rows: nothing deletes the oldest", True),
    "validator": ("the constraints of the table, and what the mapping expects at each path", False),
    "collation": ("text is compared as the database's collation says", True),
    "timeseries": ("its documents are ordinary rows", False),
    "expireAfterSeconds": (_DELETES, True),
    "clusteredIndex": ("the primary key", False),
    "viewOn": ("a view holds no documents of its own, and is not read", False),
    "changeStreamPreAndPostImages": ("nothing here follows changes", False),
    "storageEngine": (_STORAGE, False),
    "indexOptionDefaults": (_STORAGE, False),
}


@dataclass(frozen=True)
class OptionPlan:
    collection: str
    option: str
    value: str
    counterpart: str
    is_warning: bool


def plan_options(metadata: Mapping[str, Mapping[str, Any]]) -> Iterator[OptionPlan]:
    for name in MAPPINGS:
        options = plain(metadata.get(name, {}).get("options") or {})
        for option, value in options.items():
            if option in _PARTS or value in (False, {}):
                continue
            counterpart, is_warning = _COUNTERPARTS.get(option, ("not known here", True))
            yield OptionPlan(name, option, shown(value), counterpart, is_warning)
