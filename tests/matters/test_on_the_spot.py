# SPDX-License-Identifier: Apache-2.0
"""即时办结: what its raiser has solved is filed so, and now and then verified by another hand."""

from typing import Any
from uuid import UUID

import pytest

from jiedao.base.ids import new_id
from jiedao.matters import engine
from jiedao.signals.models import Upload
from tests.world import BRIDGE, Screen, World, role

PHOTO = "5" * 64


def solve(world: World, phone: Screen | None = None, **changes: Any) -> Any:
    """Somebody in the street has cleared rubbish away, and says so with a photo."""
    given = {"item": "exposed_rubbish", "note": "已清走", "blobs": [PHOTO], "solved": True}
    spot = {"lon": BRIDGE[0], "lat": BRIDGE[1]}
    return (phone or world.phone("near")).post("/matters", **{**given, **spot, **changes})


@pytest.fixture
def street(world: World) -> World:
    """The small town, where a worker and an operator have each taken the photo."""
    with role("jiedao_stream"):
        for who in ("near", "chen"):
            Upload.objects.create(
                id=new_id(),
                sha256=PHOTO,
                size_bytes=1,
                media_type="image/jpeg",
                party_id=world.people[who].id,
                at=world.clock.now(),
            )
    return world


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "is_sampled", lambda _matter, _share: False)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "is_sampled", lambda _matter, _share: True)


@pytest.mark.usefixtures("undrawn")
def test_what_was_solved_on_the_spot_is_filed_as_over(street: World) -> None:
    card = solve(street)["card"]
    assert (card["state"], card["solved"]) == ("solved", True)
    assert card["closed_at"] is not None
    street.sweep(after_s=86_400)
    assert street.phone("chen", "desk").get(f"/matters/{card['id']}")["tasks"] == []


@pytest.mark.usefixtures("drawn")
def test_a_sample_is_verified_by_another_hand(street: World) -> None:
    matter = solve(street)["card"]
    assert matter["state"] == "verifying"
    closed = street.phone("he", "desk").post(f"/matters/{matter['id']}/acts/verify_pass")
    assert closed["card"]["state"] == "closed"


@pytest.mark.usefixtures("drawn")
def test_whoever_solved_it_never_verifies_the_sample(street: World) -> None:
    desk = street.phone("chen", "desk")
    matter = solve(street, desk)["card"]
    refused = desk.post(f"/matters/{matter['id']}/acts/verify_pass")
    assert (desk.status, refused["code"]) == (409, "matters.guard")


@pytest.mark.usefixtures("drawn")
def test_a_sample_that_does_not_hold_is_sent_back_to_be_handled(street: World) -> None:
    matter = solve(street)["card"]["id"]
    he = street.phone("he", "desk")
    back = he.post(f"/matters/{matter}/acts/verify_return", reason="还在")
    assert back["card"]["state"] == "filed"


@pytest.mark.usefixtures("undrawn")
def test_the_verifier_may_draw_one_by_hand_and_nobody_in_the_street_may(street: World) -> None:
    matter = solve(street)["card"]["id"]
    worker = street.phone("near")
    assert worker.post(f"/matters/{matter}/acts/sample")["code"] == "session.not_allowed"
    drawn = street.phone("he", "desk").post(f"/matters/{matter}/acts/sample")
    assert drawn["card"]["state"] == "verifying"


@pytest.mark.parametrize("missing", [{"blobs": []}, {"note": ""}])
def test_nothing_is_solved_without_the_evidence_that_the_item_asks_for(
    street: World, missing: dict[str, Any]
) -> None:
    phone = street.phone("near")
    refused = solve(street, phone, **missing)
    assert (phone.status, refused["code"]) == (422, "matters.missing")


def test_the_draw_falls_on_as_many_as_the_flow_says() -> None:
    drawn = sum(engine.is_sampled(UUID(int=n), 0.2) for n in range(5000))
    assert 900 < drawn < 1100
    assert not any(engine.is_sampled(UUID(int=n), 0) for n in range(100))
    assert all(engine.is_sampled(UUID(int=n), 1) for n in range(100))
