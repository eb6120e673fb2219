"""Durations as the original's settings spell them: `7d`, `1h`, `30 minutes`; a bare number is in milliseconds."""

import re
from datetime import timedelta

_MILLISECONDS = {
    ("", "ms", "msec", "msecs", "millisecond", "milliseconds"): 1,
    ("s", "sec", "secs", "second", "seconds"): 1000,
    ("m", "min", "mins", "minute", "minutes"): 60_000,
    ("h", "hr", "hrs", "hour", "hours"): 3_600_000,
    ("d", "day", "days"): 86_400_000,
    ("w", "week", "weeks"): 604_800_000,
    ("y", "yr", "yrs", "year", "years"): 31_557_600_000,
}
_UNITS = {name: factor for names, factor in _MILLISECONDS.items() for name in names}
_parts = re.compile(r"(\d+(?:\.\d+)?) *([a-z]*)", re.IGNORECASE).fullmatch


def parse_duration(text: str) -> timedelta:
    """Raises ValueError for what is no duration, or none at all."""
    parts = _parts(text.strip())
    factor = _UNITS.get(parts[2].lower()) if parts else None
    if parts is None or factor is None or float(parts[1]) == 0:
        raise ValueError(f"{text!r} is no duration such as 7d, 12h or 30m")
    return timedelta(milliseconds=float(parts[1]) * factor)
