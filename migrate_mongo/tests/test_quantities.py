import pytest

from migrate_mongo import quantities


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (5e15, "5,000.0 TB"),
    ],
)
def test_size(amount: float, text: str) -> None:
    assert quantities.size(amount) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.00 s"), (0.994, "0.99 s"), (0.995, "1.0 s"), (59.94, "59.9 s"), (59.95, "1 min 0 s"), (3725, "1 h 2 min")],
)
def test_duration(seconds: float, text: str) -> None:
    assert quantities.duration(seconds) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(0, "0%"), (1, "100%"), (0.5, "50%"), (0.9967, "99.67%"), (0.999999, "99.99%"), (0.0000001, "0.01%")],
)
def test_only_all_is_all_and_only_nothing_is_nothing(part: float, text: str) -> None:
    assert quantities.share(part) == text


def test_one_is_no_plural() -> None:
    assert [quantities.counted(number, "row") for number in (0, 1, 1200)] == ["0 rows", "1 row", "1,200 rows"]
