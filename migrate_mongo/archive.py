"""What the archives of `mongodump --archive` are made of.

The format: https://github.com/mongodb/mongo-tools/blob/master/common/archive/spec.md
"""

from fastcrc import crc64 as _crc64

MAGIC = bytes.fromhex("6de29981")
TERMINATOR = b"\xff\xff\xff\xff"


def crc64(data: bytes | memoryview, initial: int = 0) -> int:
    """CRC-64/XZ (Go's `crc64.ECMA`), unsigned; `initial` is the checksum of what came before."""
    return _crc64.xz(data, initial)
