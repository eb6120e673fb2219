"""What the archives of `mongodump --archive` are made of.

The format: https://github.com/mongodb/mongo-tools/blob/master/common/archive/spec.md
"""

import fastcrc

MAGIC = bytes.fromhex("6de29981")
TERMINATOR = b"\xff\xff\xff\xff"


def checksum(data: bytes, before: int = 0) -> int:
    """CRC-64/XZ, which Go calls ECMA, of what stood `before` and the data."""
    return int(fastcrc.crc64.xz(data, before))
