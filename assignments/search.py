"""What people type into a search, as queries of PostgreSQL's text search."""

import re
from functools import reduce
from operator import or_

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable

from scribetree.text_metrics import split_words

LANGUAGE = "english"
MAX_WORDS = 20
MAX_WORD_LENGTH = 100

_parts = re.compile(r"[^\W_]+").findall


def word_queries(text: str) -> list[SearchQueryCombinable]:
    """One query for each word; the last one also matches what begins with it. Stop words match nothing."""
    typed = [word[:MAX_WORD_LENGTH].lower() for word in split_words(text)][:MAX_WORDS]
    return [_word_query(word, unfinished=word == typed[-1]) for word in dict.fromkeys(typed)]


def _word_query(word: str, *, unfinished: bool) -> SearchQueryCombinable:
    parts = _parts(word)
    # as a whole too: PostgreSQL keeps addresses, numbers and hyphenated words in one piece
    queries = [SearchQuery(term, config=LANGUAGE) for term in dict.fromkeys((word, *parts))]
    if unfinished and parts:
        # between quotes, and of nothing but letters and digits, it has no operators
        queries.append(SearchQuery(f"'{parts[-1]}':*", config=LANGUAGE, search_type="raw"))
    return reduce(or_, queries)
