"""One id, two spellings: a 12-byte MongoDB ObjectId as a UUIDv8 (RFC 9562, section 5.8), and back.

The 96 bits of the ObjectId stand in order, most significant first, in the 122 free bits of the UUID: 48 in
`custom_a`, 12 in `custom_b`, 36 at the top of `custom_c`. The 26 bits left over hold `TAG`, so that a UUID from
elsewhere is recognised. UUIDs sort as their ObjectIds do.
"""

from collections.abc import Collection
from functools import lru_cache
from struct import Struct
from uuid import UUID, uuid5

from bson import ObjectId
from bson.errors import InvalidId

TAG = 0x2C51BE7
_FIXED = 8 << 76 | 0b10 << 62 | TAG
_FIXED_BITS = 0xF << 76 | 0b11 << 62 | 0x3FFFFFF

_object_id_parts = Struct(">6sHI").unpack
_uuid_parts = Struct(">6sHQ").pack

# Names the pairs (enrolments, collaborators) and embedded documents that have no id of their own.
DERIVED = UUID("8f6b7c0e-6d57-5c5e-9f0a-6f1d3a2f9b41")


def object_id_bytes_to_int(data: bytes) -> int:
    """The 128 bits of the UUID of an ObjectId's 12 bytes, for callers that need no objects."""
    value = int.from_bytes(data, "big")
    return (value >> 48) << 80 | (value >> 36 & 0xFFF) << 64 | (value & 0xFFFFFFFFF) << 26 | _FIXED


def object_id_bytes_to_uuid_bytes(data: bytes) -> bytes:
    """The same, from bytes to bytes, in the least time."""
    head, middle, low = _object_id_parts(data)
    return _uuid_parts(head, 0x8000 | middle >> 4, 1 << 63 | (middle & 0xF) << 58 | low << 26 | TAG)


def object_id_bytes_to_uuid_text(data: bytes) -> bytes:
    """How PostgreSQL writes it."""
    digits = b"%032x" % object_id_bytes_to_int(data)
    return b"-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def object_ids_to_uuid_bytes(ids: Collection[bytes], head: bytes = b"") -> bytes:
    """The same of many at once, one after the other, each behind `head`: as the bits of one long integer."""
    first, middle, last, fixed = _masks(len(ids), head)
    joint = bytes(len(head) + 4)
    bits = int.from_bytes(bytes(len(head)) + joint.join(ids) + bytes(4), "big")
    bits = bits & first | bits >> 4 & middle | bits >> 6 & last | fixed
    return bits.to_bytes((len(head) + 16) * len(ids), "big")


@lru_cache(maxsize=256)
def _masks(count: int, head: bytes) -> tuple[int, ...]:
    masks = 0xFFFFFFFFFFFF << 80, 0xFFF << 64, 0xFFFFFFFFF << 26, int.from_bytes(head, "big") << 128 | _FIXED
    return tuple(int.from_bytes(mask.to_bytes(len(head) + 16, "big") * count, "big") for mask in masks)


def object_id_to_uuid(object_id: ObjectId) -> UUID:
    return UUID(int=object_id_bytes_to_int(object_id.binary))


def is_object_id_uuid(value: UUID) -> bool:
    return value.int & _FIXED_BITS == _FIXED


def uuid_to_object_id(value: UUID) -> ObjectId:
    """Raises ValueError for a UUID that was not made from an ObjectId."""
    if not is_object_id_uuid(value):
        raise ValueError(f"{value} is not an ObjectId in UUID form")
    bits = value.int
    object_id = (bits >> 80) << 48 | (bits >> 64 & 0xFFF) << 36 | bits >> 26 & 0xFFFFFFFFF
    return ObjectId(object_id.to_bytes(12, "big"))


def uuid_to_hex(value: UUID) -> str:
    """The id as it is on the wire. What was made from no ObjectId keeps its own spelling."""
    bits = value.int
    if bits & _FIXED_BITS != _FIXED:
        return str(value)
    return f"{(bits >> 80) << 48 | (bits >> 64 & 0xFFF) << 36 | bits >> 26 & 0xFFFFFFFFF:024x}"


def parse_id(value: object) -> UUID | None:
    """Either spelling of an id; None for what is no id."""
    if not isinstance(value, str):
        return None
    try:
        return object_id_to_uuid(ObjectId(value)) if len(value) == 24 else UUID(value)
    except (InvalidId, ValueError):
        return None


def new_id() -> UUID:
    return object_id_to_uuid(ObjectId())


def derived_id(*parts: object) -> UUID:
    """The UUIDv5 of a thing that has no id of its own: a pair of ids, or an id and a place in it."""
    return uuid5(DERIVED, "/".join(map(str, parts)))
