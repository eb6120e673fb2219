"""Essays put together from passages whose numbers are known, so that no text has to be counted twice."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from migrate_mongo.sample.dice import Dice
from migrate_mongo.sample.words import ADJECTIVES, EMOJI, NOUNS, OTHER_LANGUAGES, SENTENCES, VERBS
from scribetree.text_metrics import measure, reading_minutes, utf16_length

PASSAGES = 900
MIN_WORDS = 200
MAX_WORDS = 1500


class Passage(NamedTuple):
    text: str
    words: int
    chars: int
    length: int


class Draft(NamedTuple):
    """An essay at one moment, with the numbers the original stores about it."""

    content: str
    words: int
    chars: int
    length: int

    @property
    def reading_minutes(self) -> int:
        return reading_minutes(self.words)


EMPTY = Draft("", 0, 0, 0)


def joined(passages: Sequence[Passage]) -> Draft:
    """The line break between passages is whitespace, so words and chars simply add up."""
    return Draft(
        "\n".join([passage.text for passage in passages]),
        sum([passage.words for passage in passages]),
        sum([passage.chars for passage in passages]),
        sum([passage.length for passage in passages]) + len(passages) - 1,
    )


def sentence(dice: Dice) -> str:
    return dice.pick(SENTENCES).format(
        adjective=dice.pick(ADJECTIVES),
        noun=dice.pick(NOUNS),
        verb=dice.pick(VERBS),
        other=dice.pick(NOUNS),
    )


def title(dice: Dice) -> str:
    return f"The {dice.pick(ADJECTIVES)} {dice.pick(NOUNS)} and the {dice.pick(NOUNS)}"


def _sentences(dice: Dice) -> list[str]:
    sentences = [sentence(dice) for _ in range(dice.between(3, 8))]
    if dice.chance(0.15):
        sentences.insert(1, " ".join(dice.some(OTHER_LANGUAGES, dice.between(1, 3))))
    return sentences


def _oddities(dice: Dice, text: str) -> str:
    """What word processors and phones leave in a text."""
    roll = dice.random()
    if roll < 0.05:
        return f"{text} {dice.pick(EMOJI)}"
    if roll < 0.08:
        return text.replace(" the ", " the\u00a0", 1)
    if roll < 0.10:
        return unicodedata.normalize("NFD", text + " Naïve café, señor.")
    if roll < 0.12:
        return f"\ufeff{text}"
    if roll < 0.14:
        return f"{text} soft\u00adhyphen, zero\u200bwidth and narrow\u202fspace"
    return text


def _passage(dice: Dice) -> Passage:
    roll = dice.random()
    if roll < 0.06:
        text = f"<h2>{title(dice)}</h2>"
    elif roll < 0.11:
        text = "<ul>" + "".join(f"<li>{sentence(dice)}</li>" for _ in range(3)) + "</ul>"
    elif roll < 0.16:
        text = f'<blockquote class="source">{sentence(dice)} &amp; <em>{sentence(dice)}</em></blockquote>'
    else:
        text = f"<p>{_oddities(dice, ' '.join(_sentences(dice)))}</p>"
    metrics = measure(text)
    return Passage(text, metrics.words, metrics.chars, utf16_length(text))


class Library:
    """The passages of all essays of one dump."""

    def __init__(self, seed: int) -> None:
        dice = Dice(seed, "library")
        self._passages = [_passage(dice) for _ in range(PASSAGES)]

    def essay(self, dice: Dice) -> list[Passage]:
        # squared, so that most are short and a few are long
        wanted = MIN_WORDS + int((MAX_WORDS - MIN_WORDS) * dice.random() ** 2)
        passages = []
        words = 0
        while words < wanted:
            passage = dice.pick(self._passages)
            passages.append(passage)
            words += passage.words
        return passages


def drafts(dice: Dice, passages: Sequence[Passage], versions: int) -> list[Draft]:
    """The saved states of one essay: it grows, and now and then loses a passage it had."""
    saved = []
    for number in range(1, versions + 1):
        kept = list(passages[: max(1, len(passages) * number // versions)])
        if number < versions and dice.chance(0.2):
            kept.append(dice.pick(passages))
        saved.append(joined(kept))
    return saved
