# SPDX-License-Identifier: Apache-2.0
"""What the reference says of the stream process is what it does."""

import re
from pathlib import Path

import pytest

from jiedao.base.words import catalogue
from jiedao.stream import messages
from jiedao.stream.schema import as_text
from tests.stream.test_hub import a_row

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_kept_schema_is_that_of_the_code() -> None:
    assert (REFERENCE / "feed.schema.json").read_text("utf-8") == as_text()


def test_every_notice_is_explained() -> None:
    page = (REFERENCE / "feed.md").read_text("utf-8")
    for notice in (
        messages.Hello,
        messages.Beat,
        messages.Processes,
        messages.Resync,
        messages.SessionEnded,
    ):
        assert f"| `{notice.__struct_config__.tag}` |" in page
        for name in notice.__struct_fields__:
            assert f"`{name}`" in page


def test_the_example_event_has_the_fields_of_an_event() -> None:
    page = (REFERENCE / "feed.md").read_text("utf-8")
    event = messages.event_of(a_row(1))
    assert all(f'"{name}":' in page for name in event.__struct_fields__)


@pytest.mark.parametrize("page", ["feed.md", "stream.md"])
def test_every_code_that_is_named_has_words(page: str) -> None:
    text = (REFERENCE / page).read_text("utf-8")
    domains = r"(?:stream|upload|picture|database|disk|input)"
    codes = set(re.findall(rf"`({domains}\.[a-z_]+)`", text))
    assert codes
    assert codes <= set(catalogue())
