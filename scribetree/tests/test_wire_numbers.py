"""Numbers beyond what JavaScript tells apart are taken as it takes them, and never make an answer fail."""

import json

import pytest
from rest_framework.serializers import ValidationError

from scribetree.api.fields import Number
from scribetree.api.renderers import JSONRenderer


@pytest.mark.parametrize(
    ("given", "taken"),
    [(3.0, 3), ("7", 7), (2**53 - 1, 2**53 - 1), (2**53 + 1, 2.0**53), (10**30, 1e30), (1e300, 1e300), (0.5, 0.5)],
)
def test_number_is_taken_as_a_double(given: object, taken: float) -> None:
    number = Number().run_validation(given)

    assert (number, type(number)) == (taken, type(taken))
    assert json.loads(JSONRenderer().render({"number": number})) == {"number": taken}


@pytest.mark.parametrize("given", [10**400, "1e999", "", [], None])
def test_what_is_no_double_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        Number().run_validation(given)


def test_stored_number_beyond_64_bits_is_given() -> None:
    assert JSONRenderer().render({"é": 10**30}) == b'{"\xc3\xa9":1e+30}'
