# SPDX-License-Identifier: Apache-2.0
"""Text is put into spoken Mandarin as the table of cases says, and no digit is ever left."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedao.voice.normalise import normalise
from jiedao.voice.numbers_zh import MAX_CARDINAL, cardinal

LINES = (Path(__file__).parent / "normalise_cases.tsv").read_text("utf-8").splitlines()[1:]
CASES = [tuple(line.split("\t")) for line in LINES]


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_text_is_spoken_as_the_table_says(written: str, spoken: str) -> None:
    assert normalise(written) == spoken


def test_the_table_is_long_enough_and_has_no_line_twice() -> None:
    assert len(CASES) >= 180
    assert len({written for written, _spoken in CASES}) == len(CASES)


@given(st.text("0123456789.,:-%/ 年月日号米点第度℃+AGkm×~2", max_size=20))
def test_no_digit_is_left_to_the_engine(text: str) -> None:
    assert not any("0" <= sign <= "9" for sign in normalise(text))


@given(st.text(max_size=40))
def test_no_text_upsets_it(text: str) -> None:
    normalise(text)


VALUES = {"零": 0, "一": 1, "二": 2, "两": 2} | {d: n for n, d in enumerate("三四五六七八九", 3)}


def counted(spoken: str) -> int:
    """A spoken cardinal back to its value, by another way than it was made."""
    total = part = digit = 0
    for sign in spoken:
        if sign in VALUES:
            digit = VALUES[sign]
        elif sign in "十百千":
            part += (digit or (1 if sign == "十" else 0)) * 10 ** ("十百千".index(sign) + 1)
            digit = 0
        else:
            unit = {"万": 10**4, "亿": 10**8}[sign]
            total = (
                (total + part + digit) * unit if unit == 10**8 else total + (part + digit) * unit
            )
            part = digit = 0
    return total + part + digit


@given(st.integers(0, 10**12 - 1))
def test_every_cardinal_means_the_number_it_was_made_from(value: int) -> None:
    assert counted(cardinal(value)) == value


def test_what_cannot_be_counted_is_refused() -> None:
    for value in (-1, MAX_CARDINAL + 1):
        with pytest.raises(ValueError, match=str(value)):
            cardinal(value)
