# SPDX-License-Identifier: Apache-2.0
"""A picture that cannot be trusted is found within ten seconds, and a busy street is not one."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
import pytest

from jiedao.cameras.tamper import BLACK, COVERED, FROZEN, MOVED, Tamper, View
from jiedao.cameras.views import load_view, save_view
from jiedao.vision.values import Luma

CAMERA = UUID(int=5)
GRAIN = np.random.default_rng(11).integers(-3, 4, (64, 180, 320))


def street(seed: int = 1) -> Luma:
    """Houses, doors and kerbs: blocks of many sizes and greys."""
    random = np.random.default_rng(seed)
    picture = np.full((180, 320), 120, np.uint8)
    for _ in range(90):
        left, top = random.integers(0, 300), random.integers(0, 165)
        wide, high = random.integers(4, 60), random.integers(4, 40)
        picture[top : top + high, left : left + wide] = random.integers(40, 220)
    return picture


def grained(picture: Luma, number: int) -> Luma:
    """What a lens makes of it: never twice the same."""
    grain = GRAIN[number % len(GRAIN)]
    made: Luma = np.clip(picture.astype(np.int16) + grain, 0, 255).astype(np.uint8)
    return made


class Story:
    """A camera whose pictures are told one by one."""

    def __init__(self, tamper: Tamper | None = None, every_s: float = 0.2) -> None:
        self.tamper = tamper or Tamper()
        self.at_s, self._every_s, self._number = 1000.0, every_s, 0

    def show(self, picture: Luma, for_s: float, *, grain: bool = True) -> str:
        """Show a scene for a while; the fault at its end."""
        until_s = self.at_s + for_s
        while self.at_s < until_s:
            self._number += 1
            seen = grained(picture, self._number) if grain else picture
            key = self._every_s >= 1 or self._number % 10 == 0
            self.tamper.look(seen, self.at_s, key=key)
            self.at_s += self._every_s
        return self.tamper.fault


def covered(picture: Luma) -> Luma:
    return np.full_like(picture, 140)


def dark(picture: Luma) -> Luma:
    return np.full_like(picture, 16)


def turned(picture: Luma) -> Luma:
    rolled: Luma = np.roll(picture, 40, axis=1)
    return rolled


def sprayed(picture: Luma) -> Luma:
    return cv2.GaussianBlur(picture, (0, 0), 30).astype(np.uint8)


@pytest.mark.parametrize("every_s", [0.2, 2.0], ids=["armed", "key frames alone"])
@pytest.mark.parametrize(
    ("change", "fault"),
    [(covered, COVERED), (sprayed, COVERED), (dark, BLACK), (turned, MOVED)],
)
def test_a_picture_that_shows_the_wrong_thing_is_found_within_ten_seconds_and_so_is_its_return(
    change: Callable[[Luma], Luma], fault: str, every_s: float
) -> None:
    story = Story(every_s=every_s)
    assert story.show(street(), 20) == ""
    assert story.show(change(street()), 10) == fault
    assert story.show(street(), 6) == ""


@pytest.mark.parametrize("every_s", [0.2, 2.0], ids=["armed", "key frames alone"])
def test_the_very_same_picture_again_and_again_is_a_frozen_camera(every_s: float) -> None:
    story = Story(every_s=every_s)
    story.show(street(), 20)
    began_s = story.at_s
    assert story.show(street(), 10, grain=False) == FROZEN
    assert story.tamper.since_s == pytest.approx(began_s, abs=every_s)
    # The next key frame clears it.
    assert story.show(street(), 2 + every_s) == ""


def test_a_stuck_picture_that_is_coded_anew_is_known_by_its_key_frames() -> None:
    tamper, still = Tamper(), street()
    for number in range(100):
        key = number % 10 == 0
        # Between key frames the coder still refines what it shows.
        tamper.look(still if key else grained(still, number), 1000 + number * 0.2, key=key)
    assert tamper.fault == FROZEN
    tamper.look(grained(still, 1), 1020.0, key=False)
    assert tamper.fault == FROZEN
    tamper.look(grained(still, 2), 1020.2, key=True)
    assert tamper.fault == ""


def test_a_time_without_pictures_is_not_a_time_of_the_same_picture() -> None:
    tamper = Tamper()
    tamper.look(street(), 1000.0, key=True)
    tamper.look(street(), 1030.0, key=False)
    assert tamper.fault == ""


def test_a_lorry_before_the_lens_for_a_moment_is_no_fault() -> None:
    story = Story()
    story.show(street(), 20)
    assert story.show(covered(street()), 4) == ""
    assert story.show(street(), 4) == ""


@pytest.mark.parametrize("light", [0.35, 0.7, 1.6])
def test_other_light_on_the_same_street_is_no_other_view(light: float) -> None:
    story = Story()
    story.show(street(), 20)
    lit = np.clip(street().astype(np.float32) * light, 0, 255).astype(np.uint8)
    assert story.show(lit, 20) == ""


def test_a_crowd_in_a_third_of_the_picture_is_no_other_view() -> None:
    story = Story()
    story.show(street(), 20)
    crowded = street()
    crowded[100:, 60:260] = street(9)[100:, 60:260]
    assert story.show(crowded, 20) == ""


def test_a_camera_that_was_moved_while_nobody_looked_is_found_moved_afterwards(
    tmp_path: Path,
) -> None:
    story = Story()
    story.show(street(), 20)
    save_view(tmp_path, CAMERA, story.tamper.view)
    after = Story(Tamper(load_view(tmp_path, CAMERA, 0.0)))
    assert after.show(turned(street()), 10) == MOVED


def test_a_view_that_was_accepted_since_is_learnt_anew(tmp_path: Path) -> None:
    story = Story()
    story.show(street(), 20)
    save_view(tmp_path, CAMERA, story.tamper.view)
    later_s = (tmp_path / f"{CAMERA}.npy").stat().st_mtime + 1
    after = Story(Tamper(load_view(tmp_path, CAMERA, later_s)))
    assert after.show(turned(street()), 20) == ""


def test_a_view_that_was_never_learnt_or_cannot_be_read_is_unknown(tmp_path: Path) -> None:
    save_view(tmp_path, CAMERA, View())
    assert not load_view(tmp_path, CAMERA, 0.0).is_known
    (tmp_path / f"{CAMERA}.npy").write_bytes(b"no view")
    assert not load_view(tmp_path, CAMERA, 0.0).is_known
