"""Values that the original's models would not write, but a database can hold."""

from bson import Binary, Code, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

from migrate_mongo.sample.dice import DAY, BsonDocument

INFINITY = float("inf")
NOT_A_NUMBER = float("nan")
MINUS_ZERO = -0.0
BEYOND_32_BITS = 3_000_000_000.0
# exact neither as a double nor as a JavaScript number
ODD_INT64 = Int64(2**53 + 1)

YEAR_12000 = DatetimeMS(316_516_000_000_000)
BEFORE_YEAR_1 = DatetimeMS(-63_000_000_000_000)
FIRST_DATE = DatetimeMS(-100_000_000 * DAY)
LAST_DATE = DatetimeMS(100_000_000 * DAY)

NUL = "\x00"


def strange_values(oid: ObjectId) -> BsonDocument:
    """Of every BSON type that JSON lacks, and groups that only look like Extended JSON."""
    return {
        "binary": Binary(b"\x00\x01\xff"),
        "uuid": Binary(bytes(range(16)), 4),
        "regex": Regex("^draft.*", "i"),
        "timestamp": Timestamp(1_700_000_000, 7),
        "smallest": MinKey(),
        "largest": MaxKey(),
        "code": Code("return 1"),
        "scoped": Code("return n", {"n": 1}),
        "decimal": Decimal128("1.10"),
        "long": ODD_INT64,
        "infinite": INFINITY,
        "reference": oid,
        "dates": [FIRST_DATE, LAST_DATE],
        "looksLikeId": {"$oid": "x"},
        "looksLikeDate": {"$date": "soon"},
        "looksLikeNumber": {"$numberLong": "12"},
        "looksLikeReference": {"$ref": "users", "$id": oid},
        "nothing": None,
        "empty": {},
    }
