# SPDX-License-Identifier: Apache-2.0
"""What the stream process makes of a database that refuses."""

import pytest

from jiedao.base.errors import DiskFull
from jiedao.stream.errors import DatabaseAway
from jiedao.stream.store import Database
from tests.stream.trail import Trail

pytestmark = pytest.mark.anyio

REFUSE = "do $$ begin raise exception using errcode = '{}', message = 'no'; end $$"


@pytest.mark.parametrize(
    ("code", "told"),
    [("53100", DiskFull), ("53200", DatabaseAway), ("57P03", DatabaseAway)],
)
async def test_a_full_database_is_told_from_one_that_is_away(
    trail: Trail, code: str, told: type[Exception]
) -> None:
    database = Database(trail.dsn)
    await database.open()
    try:
        with pytest.raises(told):
            async with database.transaction() as link:
                await link.execute(REFUSE.format(code))
        assert await database.answers()
    finally:
        await database.close()
