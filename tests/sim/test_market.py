# SPDX-License-Identifier: Apache-2.0
"""Stalls in the drawn market street, as the platform's own rules see them."""

import json
from importlib import resources
from typing import Any

import numpy as np
import pytest

from jiedao.sim.camera.encode import Picture
from jiedao.sim.camera.scenes import make
from jiedao.sim.camera.scenes.stage import Stage
from jiedao.sim.camera.truth import Happening
from jiedao.vision import Event, Frame, Kind, Sighting, Watcher, ZonePlan

STRIP = "free_strip"
EVERY_S = 0.2
HEIGHT_PX = 360
#: A van before the near stall, in pixels: left, top, right, bottom.
VAN_PX = (396, 150, 512, 350)
VAN_LUMA = 200


def unstamped(_image: Picture, _t_s: float) -> None:
    """No clock: it is of no matter here."""


@pytest.fixture(scope="module")
def market() -> Any:
    return make("market")


class Street:
    """The street plays and is watched."""

    def __init__(self, market: Any, seed: int = 1) -> None:
        text = resources.files("jiedao.sim.packs").joinpath("market.zones.json").read_text()
        self.stage = Stage(market, seed)
        self.watcher = Watcher(ZonePlan.parse(json.loads(text)))
        self.t_s = 0.0
        self.truth: list[Happening] = []
        self.told: list[Event] = []
        self.last = Sighting(0.0)

    def play(self, seconds: float, *, near_is_hidden: bool = False) -> None:
        for _ in range(round(seconds / EVERY_S)):
            self.t_s += EVERY_S
            picture, happenings = self.stage.picture(self.t_s, unstamped)
            luma = np.ascontiguousarray(picture[:HEIGHT_PX])
            if near_is_hidden:
                left, top, right, bottom = VAN_PX
                luma[top:bottom, left:right] = VAN_LUMA
            self.last = self.watcher.see(Frame(luma, self.t_s))
            self.truth += [h for h in happenings if h.where == STRIP]
            self.told += [event for event in self.last.events if event.place == STRIP]

    def kinds(self, kind: Kind) -> list[Event]:
        return [event for event in self.told if event.kind is kind]


def test_people_pass_beside_the_strip_and_nobody_in_it(market: Any) -> None:
    street = Street(market, seed=4)
    street.play(60)
    assert street.truth == []
    assert street.kinds(Kind.LOITERING) == []


def test_two_stalls_are_two_stays_and_who_heeds_leaves_alone(market: Any) -> None:
    street = Street(market)
    street.play(6)
    street.stage.cue("two")
    street.play(34)
    assert [h.kind for h in street.truth] == ["enter", "enter"]
    stays = street.kinds(Kind.LOITERING)
    assert len(stays) == 2
    assert len(street.last.stays[STRIP]) == 2
    for stay, entered in zip(stays, street.truth, strict=True):
        assert 0 <= stay.t_s - entered.t_s - 12 < 0.9
    street.stage.send_away()
    street.play(10)
    assert [h.kind for h in street.truth[2:]] == ["leave"]
    (left,) = street.last.stays[STRIP]
    assert left[3] > 0.7, "the near one stays"
    street.stage.send_away("all")
    street.play(14)
    assert street.last.stays[STRIP] == ()


def test_a_stall_that_a_van_hides_for_nine_seconds_is_one_stay(market: Any) -> None:
    street = Street(market)
    street.play(6)
    street.stage.cue("stays")
    street.play(12)
    street.play(9, near_is_hidden=True)
    assert len(street.last.stays[STRIP]) == 1
    street.play(16)
    assert len(street.kinds(Kind.ENTER)) == 1
    assert len(street.kinds(Kind.LOITERING)) == 1
