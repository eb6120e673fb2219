"""Text counted as the original's JavaScript did: its whitespace, its UTF-16 units, its rounding."""

import math
import re
from typing import NamedTuple

JS_WHITESPACE = (
    "\t\n\x0b\x0c\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
WORDS_PER_MINUTE = 200

_WORD = re.compile(f"[^{JS_WHITESPACE}]+")
# Python and JavaScript disagree on these only; without them `str.split` gives the same pieces, much faster.
_DISPUTED = ("\ufeff", "\x85", "\x1c", "\x1d", "\x1e", "\x1f")


class TextMetrics(NamedTuple):
    words: int
    chars: int
    reading_minutes: int


def split_words(text: str) -> list[str]:
    for character in _DISPUTED:
        if character in text:
            return _WORD.findall(text)
    return text.split()


def utf16_length(text: str) -> int:
    """What JavaScript calls `length`: an emoji counts as two."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def truncate(text: str, limit: int) -> str:
    """The beginning of a text, of at most `limit` UTF-16 units; no character is cut in two."""
    if utf16_length(text) <= limit:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * limit].decode("utf-16-le", "ignore")


def words(text: str) -> int:
    return len(split_words(text))


def chars(text: str) -> int:
    """UTF-16 units that are not whitespace."""
    return utf16_length("".join(split_words(text)))


def reading_minutes(word_count: int) -> int:
    return -(-word_count // WORDS_PER_MINUTE)


def measure(text: str) -> TextMetrics:
    """All three at once, for one pass over the text."""
    pieces = split_words(text)
    return TextMetrics(len(pieces), utf16_length("".join(pieces)), reading_minutes(len(pieces)))


def trim(text: str) -> str:
    """JavaScript's `trim`, which takes a byte order mark away and leaves U+0085."""
    return text.strip(JS_WHITESPACE)


def js_round(value: float) -> float:
    """`Math.round`: halves go up. An int, unless the value is infinite or not a number."""
    if not math.isfinite(value):
        return value
    below = math.floor(value)
    # floor(value + 0.5) would be wrong just under a half and where doubles have no fractions left
    return below + 1 if value - below >= 0.5 else below
