"""`comments[]` and their `replies[]` -> `submission_comments`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from bson import ObjectId

from assignments.models import CommentType, SubmissionComment
from migrate_mongo.mappings.base import Column, Document, Loaded, Reference, RowMapping, id_time, list_of
from migrate_mongo.mappings.kinds import ABSENT, Bool, Choice, Group, Moment, Number, Text
from migrate_mongo.mappings.notes import Missing, Notes, Path, restore, with_originals
from migrate_mongo.tables import Row, Table, table_of
from scribetree.object_id import derived_id, object_id_to_uuid

AUTHOR = Reference("author", {"users": "author_id"}, Missing.NULL)
CREATED = Column("createdAt", "created_at", Moment(derived=lambda notes: notes.born))

COMMENT = RowMapping(
    model=SubmissionComment,
    columns=(
        AUTHOR,
        Column("content", "content", Text(fallback="")),
        Column("position", "position", Group({"start": Number(), "end": Number()}, default=ABSENT)),
        Column("type", "type", Choice(CommentType, default="comment")),
        Column("resolved", "is_resolved", Bool(default=False)),
        CREATED,
    ),
)
REPLY = RowMapping(
    model=SubmissionComment,
    columns=(AUTHOR, Column("content", "content", Text(fallback="")), CREATED),
    constants={"type": CommentType.COMMENT.value, "is_resolved": False},
)
COMMENT_KNOWN = COMMENT.sources | {"_id", "id", "replies"}
REPLY_KNOWN = REPLY.sources | {"_id"}


class NotedElement(NamedTuple):
    """A comment or reply: its row, and the element that it is made of again, with `replies` as they are rows."""

    mapping: RowMapping
    row: Row
    element: Document
    notes: Notes
    replies: list[Any]


@dataclass(frozen=True)
class Comments:
    """A comment's key is its `id`, or its `_id` where that is missing or taken; a reply's is its `_id`.

    What has neither is named by its submission and its place. The `_id` of comments made since is the key too.
    """

    source: str = "comments"
    parent: str = "submission_id"
    refers_to: tuple[str, ...] = ("users",)

    @property
    def table(self) -> Table:
        return table_of(SubmissionComment)

    def load(self, document: Document, loaded: Loaded, created: Any, notes: Notes) -> None:
        taken: set[ObjectId] = set()
        rows = loaded.rows.setdefault(self.table.name, [])
        for index, comment in enumerate(list_of(document, self.source, notes)):
            path: Path = (self.source, index)
            if not isinstance(comment, dict):
                notes.keep("null_element" if comment is None else "uncastable", path, comment)
                continue
            own = _notes(comment, path, notes)
            row = COMMENT.load_row(comment, own, COMMENT_KNOWN)
            key = _claimed(comment, "id", taken, own) or _claimed(comment, "_id", taken, None)
            self._place(row, key or derived_key(loaded.id, index), loaded.id, index)
            row[self.table.index["element_id"]] = _element_id(comment, own)
            rows.append(row)
            loaded.noted.append((row, self.table.index["extra"], own))
            self._load_replies(comment, row, taken, loaded, own)

    def _load_replies(self, comment: Document, parent: Row, taken: set[ObjectId], loaded: Loaded, notes: Notes) -> None:
        rows = loaded.rows[self.table.name]
        for index, reply in enumerate(list_of(comment, "replies", notes)):
            path: Path = ("replies", index)
            if not isinstance(reply, dict):
                notes.keep("null_element" if reply is None else "uncastable", path, reply)
                continue
            own = _notes(reply, notes.prefix + path, notes)
            row = REPLY.load_row(reply, own, REPLY_KNOWN)
            key = _claimed(reply, "_id", taken, own)
            self._place(row, key or derived_key(loaded.id, *notes.prefix[1:], index), loaded.id, index)
            row[self.table.index["parent_id"]] = parent[self.table.index["id"]]
            rows.append(row)
            loaded.noted.append((row, self.table.index["extra"], own))

    def _place(self, row: Row, key: object, submission: ObjectId, ordinal: int) -> None:
        index = self.table.index
        row[index["id"]] = key
        row[index["submission_id"]] = submission
        row[index["ordinal"]] = ordinal
        row[index["updated_at"]] = row[index["created_at"]]

    def rebuild(self, rows: list[Row], extra: dict[str, Any] | None) -> list[Any]:
        index = self.table.index
        comments = [(row[index["ordinal"]], self._comment(row, replies)) for row, replies in self._threads(rows)]
        return with_originals(self.source, comments, extra)

    def noted(self, rows: list[Row], parent: Notes) -> Iterator[NotedElement]:
        """The comments and replies that have an `extra`; `parent` are the notes of their document."""
        index = self.table.index
        for row, replies in self._threads(rows):
            comment = self._comment(row, replies)
            notes = _notes(comment, (), parent)
            if row[index["extra"]]:
                yield NotedElement(COMMENT, row, comment, notes, self._replies(row, replies))
            for reply in replies:
                if reply[index["extra"]]:
                    element = self._reply(reply)
                    yield NotedElement(REPLY, reply, element, _notes(element, (), notes), [])

    def _threads(self, rows: list[Row]) -> Iterator[tuple[Row, list[Row]]]:
        """Each comment with its replies."""
        index = self.table.index
        replies: dict[object, list[Row]] = {}
        for row in rows:
            if (parent := row[index["parent_id"]]) is not None:
                replies.setdefault(parent, []).append(row)
        for row in rows:
            if row[index["parent_id"]] is None:
                yield row, replies.get(row[index["id"]], [])

    def _comment(self, row: Row, replies: list[Row]) -> Document:
        index = self.table.index
        comment = COMMENT.rebuild_row(row)
        if isinstance(row[index["id"]], ObjectId):
            comment["_id"] = comment["id"] = row[index["id"]]
        if row[index["element_id"]] is not None:
            comment["_id"] = row[index["element_id"]]
        comment["replies"] = self._replies(row, replies)
        restore(comment, row[index["extra"]], ["replies"])  # type: ignore[arg-type]
        return comment

    def _replies(self, row: Row, replies: list[Row]) -> list[Any]:
        index = self.table.index
        elements = [(reply[index["ordinal"]], self._reply(reply)) for reply in replies]
        return with_originals("replies", elements, row[index["extra"]])  # type: ignore[arg-type]

    def _reply(self, row: Row) -> Document:
        index = self.table.index
        reply = REPLY.rebuild_row(row)
        if isinstance(row[index["id"]], ObjectId):
            reply["_id"] = row[index["id"]]
        restore(reply, row[index["extra"]])  # type: ignore[arg-type]
        return reply

    def filled(self, elements: Any) -> Any:
        if not isinstance(elements, list):
            return elements
        return [self._filled(comment) if isinstance(comment, dict) else comment for comment in elements]

    def _filled(self, comment: Document) -> Document:
        return {"replies": [], **COMMENT.filled(comment)}


def _notes(element: Document, path: Path, parent: Notes) -> Notes:
    """An element's missing dates are the time of its own `_id`, or else its parent's."""
    own = element.get("_id")
    moment = id_time(own) if isinstance(own, ObjectId) else parent.moment
    return Notes(moment, moment, prefix=path, refused=parent.refused)


def _claimed(element: Document, source: str, taken: set[ObjectId], notes: Notes | None) -> ObjectId | None:
    """The element's id at `source` if it can be its key; else, for a given `notes`, what stands there is noted."""
    value = element.get(source, ABSENT)
    if isinstance(value, ObjectId) and value not in taken:
        taken.add(value)
        return value
    if notes is not None:
        if value is ABSENT:
            notes.miss("derived", (source,))
        else:
            kind = "stored_null" if value is None else "id_collision" if isinstance(value, ObjectId) else "uncastable"
            notes.keep(kind, (source,), value)
    return None


def _element_id(comment: Document, notes: Notes) -> ObjectId | None:
    value = comment.get("_id", ABSENT)
    if isinstance(value, ObjectId):
        return value
    if value is ABSENT:
        notes.miss("derived", ("_id",))
    else:
        notes.keep("stored_null" if value is None else "uncastable", ("_id",), value)
    return None


def derived_key(submission: ObjectId, *place: object) -> UUID:
    return derived_id(object_id_to_uuid(submission), *place)
