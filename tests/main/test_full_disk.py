# SPDX-License-Identifier: Apache-2.0
"""What a person is told when the database, or the folder of files, has no room left."""

import errno
import os
from typing import NoReturn
from uuid import UUID

import pytest
from django.db import connection

from jiedao.matters import store
from tests.world import World, matter_id

FULL = "do $$ begin raise exception using errcode = '53100', message = 'no space left'; end $$"


def database_is_full(_matter: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FULL)


def disk_is_full(_matter: UUID) -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("full", [database_is_full, disk_is_full])
def test_no_room_is_said_as_such_with_what_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch, full: object
) -> None:
    matter, desk = matter_id(world.see()), world.phone("chen", "desk")
    with monkeypatch.context() as patched:
        patched.setattr(store, "read", full)
        answer = desk.get(f"/matters/{matter}")
        assert (desk.status, answer["code"]) == (507, "disk.full")
        assert "腾出空间" in answer["message"]["zh-CN"]
        assert "make room" in answer["message"]["en"]
    if full is disk_is_full:  # the other took the test's one transaction with it
        desk.get(f"/matters/{matter}")
        assert desk.status == 200


def test_other_trouble_with_a_file_is_a_defect(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trouble(_matter: UUID) -> NoReturn:
        raise PermissionError

    matter, desk = matter_id(world.see()), world.phone("chen", "desk")
    monkeypatch.setattr(store, "read", trouble)
    answer = desk.get(f"/matters/{matter}")
    assert (desk.status, answer["code"]) == (500, "error.defect")
