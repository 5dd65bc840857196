# SPDX-License-Identifier: Apache-2.0
"""The table of bad input tells the truth: its codes have words, and its tests are there."""

import re
from pathlib import Path

import pytest

from jiedao.base.words import LANGUAGES, catalogue

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (.+?) \| `([a-z_.]+)` \| `([\w/.]+?\.py)(?:::(\w+))?` \|$", re.MULTILINE)
TABLE = ROW.findall((ROOT / "docs/reference/bad-input.md").read_text("utf-8"))


def test_every_line_of_the_table_is_read() -> None:
    text = (ROOT / "docs/reference/bad-input.md").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(TABLE) == len(lines) - 1


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_what_is_said_has_words_in_both_languages_and_is_tested(
    row: tuple[str, str, str, str],
) -> None:
    _what, code, file, test = row
    for language in LANGUAGES:
        assert len(catalogue()[code][language]) > len("不行")
    assert f"def {test}(" in (ROOT / file).read_text("utf-8") if test else (ROOT / file).is_file()
