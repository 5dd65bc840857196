# SPDX-License-Identifier: Apache-2.0
"""The message catalogue: one JSON file for command line, server and browser, Chinese first."""

import json
from functools import cache
from importlib import resources

LANGUAGES = ("zh-CN", "en")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every message by code, then by language."""
    text = resources.files("jiedao.base").joinpath("locale/messages.json").read_text("utf-8")
    messages: dict[str, dict[str, str]] = json.loads(text)
    return messages


def say(code: str, language: str = "zh-CN", /, **facts: object) -> str:
    """The message of a code in a language, its facts filled in; the bare code if it has none."""
    message = catalogue().get(code)
    if message is None:
        return f"{code} {facts}" if facts else code
    template = message["en" if language.startswith("en") else "zh-CN"]
    return template.format_map(_Facts(facts))


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
