"""`writingsessions` -> `writing_sessions`."""

from analytics.models import WritingSession
from migrate_mongo.mappings.base import CollectionMapping, Column, Reference
from migrate_mongo.mappings.common import CREATED_AT, UPDATED_AT
from migrate_mongo.mappings.kinds import Array, Date, Element, Group, Integer, Moment, Number, Text
from migrate_mongo.mappings.notes import Missing

SNAPSHOT = Element({"timestamp": Date(), "wordCount": Number(), "characterCount": Number(), "action": Text()})

MAPPING = CollectionMapping(
    collection="writingsessions",
    model=WritingSession,
    columns=(
        Reference("document", {"documents": "document_id"}, Missing.REJECT),
        Reference("user", {"users": "user_id"}, Missing.NULL),
        Column("startTime", "start_time", Moment(derived=lambda notes: notes.born)),
        Column("endTime", "end_time", Moment()),
        Column("duration", "duration", Integer()),
        Column(
            "activity",
            "activity",
            Group(
                {
                    "keystrokes": Number(default=0),
                    "wordsAdded": Number(default=0),
                    "wordsDeleted": Number(default=0),
                    "charactersAdded": Number(default=0),
                    "charactersDeleted": Number(default=0),
                    "pauseCount": Number(default=0),
                    "totalPauseTime": Number(default=0),
                }
            ),
        ),
        Column("snapshots", "snapshots", Array(SNAPSHOT, default=[])),
        Column(
            "productivity",
            "productivity",
            Group(
                {
                    "wordsPerMinute": Number(default=0),
                    "consistencyScore": Number(default=0),
                    "focusScore": Number(default=0),
                }
            ),
        ),
        CREATED_AT,
        UPDATED_AT,
    ),
)
