"""The examples were counted by JavaScript."""

import math
import re

import pytest

from scribetree.text_metrics import (
    JS_WHITESPACE,
    TextMetrics,
    chars,
    js_round,
    measure,
    reading_minutes,
    split_words,
    trim,
    truncate,
    utf16_length,
    words,
)


@pytest.mark.parametrize(
    ("text", "expected_words", "expected_chars"),
    [
        ("", 0, 0),
        (" \t\n\ufeff\u3000", 0, 0),
        ("<p>hello  world</p>\n two", 3, 20),
        ("  a\tb \n", 2, 2),
        ("😀 x", 2, 3),
        ("a\u0085b", 1, 3),
        ("a\ufeffb", 2, 2),
        ("a\u001cb", 1, 3),
        ("a\u200bb", 1, 3),
        ("a\u00a0b\u202fc", 3, 3),
        ("a\x00 b", 2, 3),
        ('<a href="x">y</a>', 2, 16),
        ("e\u0301 मरहबा", 2, 7),
        ("\ud800 x", 2, 2),
    ],
)
def test_text_is_counted_as_javascript_does(text: str, expected_words: int, expected_chars: int) -> None:
    assert (words(text), chars(text)) == (expected_words, expected_chars)


@pytest.mark.parametrize("text", ["", "one two", "a\u0085 b\ufeffc", "😀 " * 401])
def test_measure_agrees_with_the_single_counts(text: str) -> None:
    assert measure(text) == TextMetrics(words(text), chars(text), reading_minutes(words(text)))


def test_every_character_separates_exactly_where_javascript_says() -> None:
    separators = {chr(code) for code in range(0x11000) if len(split_words(f"a{chr(code)}b")) == 2}

    assert separators == set(JS_WHITESPACE)


def test_fast_and_exact_split_agree_on_every_pair_of_disputed_characters() -> None:
    exact = re.compile(f"[^{JS_WHITESPACE}]+")
    odd = "\ufeff\x85\x1c\x1d\x1e\x1f \u2003x"

    for text in (f"a{one}{two}b" for one in odd for two in odd):
        assert split_words(text) == exact.findall(text)


@pytest.mark.parametrize(("count", "minutes"), [(0, 0), (1, 1), (200, 1), (201, 2), (400, 2), (401, 3)])
def test_reading_minutes_are_rounded_up(count: int, minutes: int) -> None:
    assert reading_minutes(count) == minutes


@pytest.mark.parametrize(("text", "length"), [("", 0), ("a b", 3), ("é", 1), ("😀", 2), ("\udc00", 1)])
def test_utf16_length_counts_units(text: str, length: int) -> None:
    assert utf16_length(text) == length


@pytest.mark.parametrize(("text", "trimmed"), [("\ufeff a \u00a0", "a"), ("\u0085a\u001c", "\u0085a\u001c")])
def test_trim_takes_javascript_whitespace_only(text: str, trimmed: str) -> None:
    assert trim(text) == trimmed


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (2.5, 3),
        (3.5, 4),
        (-2.5, -2),
        (-2.6, -3),
        (0.49999999999999994, 0),
        (4503599627370497, 4503599627370497),
        (4503599627370497.0, 4503599627370497),
        (-0.2, 0),
        (1e300, 1e300),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
    ],
)
def test_js_round_sends_halves_up(value: float, rounded: float) -> None:
    assert js_round(value) == rounded


def test_js_round_leaves_what_is_not_a_number() -> None:
    assert math.isnan(js_round(math.nan))


@pytest.mark.parametrize(
    ("text", "limit", "beginning"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "abc"),
        ("\N{GRINNING FACE}" * 2, 4, "\N{GRINNING FACE}" * 2),
        ("\N{GRINNING FACE}" * 2, 3, "\N{GRINNING FACE}"),
        ("", 0, ""),
    ],
)
def test_text_is_cut_between_characters(text: str, limit: int, beginning: str) -> None:
    assert truncate(text, limit) == beginning
