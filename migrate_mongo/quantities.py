"""Numbers as people read them."""

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def count(number: float) -> str:
    return f"{number:,.0f}"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def size(amount: float) -> str:
    """Of bytes, in decimal units."""
    step = 0
    while amount >= 999.95 and step < len(_UNITS) - 1:
        amount /= 1000
        step += 1
    return f"{amount:,.1f} {_UNITS[step]}" if step else f"{amount:,.0f} {_UNITS[0]}"


def duration(seconds: float) -> str:
    if seconds < 0.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min"


def share(part: float) -> str:
    """Of one. All and nothing are said of nothing else."""
    if part in (0, 1):
        return f"{part:.0%}"
    return f"{min(max(100 * part, 0.01), 99.99):.2f}".rstrip("0").rstrip(".") + "%"
