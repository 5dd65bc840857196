# SPDX-License-Identifier: Apache-2.0
"""What the desk wants said: a phrase of a pack, or words that somebody typed."""

from datetime import datetime

from jiedao.base.errors import BadInput, NotFound
from jiedao.catalog.store import Catalogue
from jiedao.town.calendar import local_day


def words_of(now: datetime, phrase: str | None, text: str | None) -> tuple[str, bool]:
    """The words, and whether lives depend on them as the pack has it.

    Raises:
        NotFound: no pack in force has the phrase.
        BadInput: neither a phrase nor words.
    """
    if phrase is not None:
        found = Catalogue(local_day(now)).phrases().get(phrase)
        if found is None:
            raise NotFound(what=f"phrase {phrase} / 用语")
        return found.text, found.life_safety
    typed = (text or "").strip()
    if not typed:
        raise BadInput(where="text", why="empty / 没有内容")
    return typed, False
