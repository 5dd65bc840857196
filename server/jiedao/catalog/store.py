# SPDX-License-Identifier: Apache-2.0
"""The catalogue in force: packs as loaded, read into values once per version."""

import hashlib
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from importlib import resources
from pathlib import Path
from uuid import UUID

import msgspec
from django.db.models import Q

from jiedao.base.database import Tx
from jiedao.catalog import models
from jiedao.catalog.errors import BadPack, UnknownItem
from jiedao.catalog.reading import differences, line_of, parse_pack
from jiedao.catalog.rules import Flow, Item, Pack, Phrase
from jiedao.trace.writing import Fact, record


def shipped_packs() -> list[Path]:
    """The pack files that come with the platform."""
    folder = Path(str(resources.files("jiedao.catalog").joinpath("packs")))
    return sorted(folder.glob("*.yaml"))


def load_packs(tx: Tx, files: Iterable[Path]) -> int:
    """Load pack files that are new or changed; returns how many.

    A loaded version is never edited: matters go on by it. A changed file carries a higher version.

    Raises:
        BadPack: a file cannot be used, or says something else than was loaded as its version;
            nothing is loaded.
    """
    texts = [(file.name, file.read_text("utf-8")) for file in files]
    packs = [(name, text, parse_pack(text, name)) for name, text in texts]
    loaded = 0
    for name, text, pack in packs:
        row, is_new = models.Pack.objects.get_or_create(
            code=pack.pack,
            version=pack.version,
            defaults={
                "valid_from": pack.valid_from,
                "valid_to": pack.valid_to,
                "source": text,
                "content": msgspec.to_builtins(pack),
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            },
        )
        if is_new:
            loaded += 1
            facts = {"pack": pack.pack, "version": pack.version, "sha256": row.sha256}
            record(tx, Fact("pack.loaded", "pack", row.id, payload=facts))
        else:
            _refuse_if_edited(name, text, pack, row)
    return loaded


def _refuse_if_edited(name: str, text: str, pack: Pack, row: models.Pack) -> None:
    """A file under a version that was loaded must say what was loaded; its comments may change."""
    edited = differences(msgspec.convert(row.content, Pack), pack)
    if edited:
        expected = f"version > {pack.version} (loaded before, differs: {', '.join(edited)})"
        raise BadPack(file=name, line=line_of(text, "$.version"), expected=expected)


class Catalogue:
    """The packs in force on a day. Cheap to make: packs are parsed once per process."""

    def __init__(self, day: date) -> None:
        rows = models.Pack.objects.filter(valid_from__lte=day).filter(
            Q(valid_to=None) | Q(valid_to__gte=day)
        )
        newest: dict[str, tuple[int, UUID]] = {}
        for code, version, pack_id in rows.values_list("code", "version", "id"):
            if version > newest.get(code, (0, pack_id))[0]:
                newest[code] = (version, pack_id)
        self._packs = {pack_id: pack_of(pack_id) for _version, pack_id in newest.values()}

    def item(self, code: str) -> tuple[Item, UUID]:
        """An item and the pack that it stands in.

        Raises:
            UnknownItem: none of this code is in force.
        """
        for pack_id, pack in self._packs.items():
            if code in pack.items:
                return pack.items[code], pack_id
        raise UnknownItem(item=code)

    def item_for_signal(self, kind: str) -> str | None:
        """The item that signals of this kind open, if any."""
        for pack in self._packs.values():
            for code, item in pack.items.items():
                if kind in item.signals:
                    return code
        return None

    def items(self) -> dict[str, Item]:
        return {code: item for pack in self._packs.values() for code, item in pack.items.items()}

    def flow(self, code: str) -> tuple[Flow, UUID]:
        """A flow and the pack that it stands in.

        Raises:
            UnknownItem: none of this code is in force.
        """
        for pack_id, pack in self._packs.items():
            if code in pack.flows:
                return pack.flows[code], pack_id
        raise UnknownItem(item=code)

    def phrases(self) -> dict[str, Phrase]:
        return {code: said for pack in self._packs.values() for code, said in pack.phrases.items()}


@lru_cache(maxsize=256)
def pack_of(pack_id: UUID) -> Pack:
    """A loaded pack; rows are never edited, so one reading serves the process."""
    content = models.Pack.objects.values_list("content", flat=True).get(id=pack_id)
    return msgspec.convert(content, Pack)


def earliest_flow(code: str) -> Flow:
    """The flow of this code as it was first loaded.

    Raises:
        UnknownItem: no pack that was ever loaded has it.
    """
    rows = models.Pack.objects.filter(content__flows__has_key=code).order_by("version")
    first = rows.values_list("id", flat=True).first()
    if first is None:
        raise UnknownItem(item=code)
    return pack_of(first).flows[code]
