# SPDX-License-Identifier: Apache-2.0
"""What the API and the feed say becomes one document for the browser's types."""

from typing import Any

import browser_types
from jiedao.desk import answers
from jiedao.stream import messages


def shapes() -> dict[str, Any]:
    found: dict[str, Any] = browser_types.document()["components"]["schemas"]
    return found


def test_a_card_on_the_feed_is_the_card_of_the_api() -> None:
    event = shapes()["Event"]["properties"]
    assert event["card"]["anyOf"] == [{"$ref": "#/components/schemas/Card"}, {"type": "null"}]
    assert set(shapes()["Card"]["properties"]) == set(answers.Card.__annotations__)


def test_every_notice_of_the_feed_is_there_with_its_kind() -> None:
    for notice in (messages.Hello, messages.Beat, messages.Resync, messages.SessionEnded):
        kind = shapes()[notice.__name__]["properties"]["kind"]
        assert kind["enum"] == [notice.__struct_config__.tag]


def test_every_answer_in_json_has_a_shape() -> None:
    vague = [
        f"{method} {path}"
        for path, operations in browser_types.document()["paths"].items()
        for method, operation in operations.items()
        for answer in operation["responses"].values()
        for media in answer.get("content", {}).values()
        if not media.get("schema")
    ]
    assert vague == []


def test_a_title_that_repeats_a_name_is_left_out_and_a_field_of_that_name_is_not() -> None:
    given = {"type": "object", "title": "Card", "properties": {"title": {"type": "string"}}}
    kept = browser_types.without_titles(given)
    assert kept == {"type": "object", "properties": {"title": {"type": "string"}}}
