# SPDX-License-Identifier: Apache-2.0
"""Which cameras count as lost, which faults somebody has to see to, and when they are over."""

from uuid import UUID

from jiedao.cameras.messages import Condition
from jiedao.cameras.troubles import Troubles, Turns

CAMERA = UUID(int=7)
NOTHING = Turns()


def words(state: str, code: str = "") -> list[Condition]:
    return [Condition(CAMERA, state, code)]


LIVE = words("live")
SILENT, REFUSED = words("stale", "camera.silent"), words("offline", "camera.unreachable")
BLACK, SKEWED = words("stale", "camera.black"), words("live", "camera.skewed")


def test_a_hiccup_is_neither_a_loss_nor_a_matter() -> None:
    troubles = Troubles()
    assert troubles.hear(SILENT, 0.0) == NOTHING
    assert troubles.hear(LIVE, 2.0) == NOTHING
    assert troubles.hear(SILENT, 4.0) == NOTHING


def test_trouble_that_lasts_is_told_once_with_its_reason() -> None:
    troubles = Troubles()
    troubles.hear(SILENT, 0.0)
    code = {CAMERA: "camera.silent"}
    assert troubles.hear(SILENT, 3.5) == Turns(lost=code, faulty=code)
    assert troubles.hear(SILENT, 9.0) == NOTHING


def test_one_outage_is_one_fault_whatever_it_is_called_meanwhile() -> None:
    troubles = Troubles()
    troubles.hear(SILENT, 0.0)
    troubles.hear(SILENT, 3.5)
    assert troubles.hear(REFUSED, 8.0) == NOTHING
    assert troubles.hear(REFUSED, 20.0) == NOTHING


def test_the_return_is_told_with_the_length_of_the_loss_and_ends_matters_once_it_lasts() -> None:
    troubles = Troubles()
    troubles.hear(SILENT, 0.0)
    troubles.hear(SILENT, 3.5)
    assert troubles.hear(LIVE, 60.0) == Turns(back={CAMERA: 60.0})
    assert troubles.hear(LIVE, 62.0) == NOTHING
    assert troubles.hear(LIVE, 65.0) == Turns(well={CAMERA: ""})
    assert troubles.hear(LIVE, 99.0) == NOTHING


def test_a_camera_found_well_at_the_start_ends_what_an_earlier_process_filed() -> None:
    troubles = Troubles()
    troubles.hear(LIVE, 0.0)
    assert troubles.hear(LIVE, 5.0) == Turns(well={CAMERA: ""})


def test_a_clock_that_is_wrong_is_a_fault_of_a_camera_that_gives_pictures() -> None:
    troubles = Troubles()
    troubles.hear(SKEWED, 0.0)
    told = troubles.hear(SKEWED, 3.0)
    assert (told.lost, told.faulty) == ({}, {CAMERA: "camera.skewed"})
    # What else was filed of it has to be over, or it would show.
    assert told.well == {CAMERA: "device.camera_skewed"}


def test_another_fault_is_another_matter() -> None:
    troubles = Troubles()
    troubles.hear(BLACK, 0.0)
    troubles.hear(BLACK, 3.0)
    troubles.hear(SILENT, 10.0)
    told = troubles.hear(SILENT, 13.0)
    assert (told.faulty, told.well) == ({CAMERA: "camera.silent"}, {})


def test_a_camera_that_nobody_wants_any_more_is_neither_lost_nor_back_nor_well() -> None:
    troubles = Troubles()
    troubles.hear(SILENT, 0.0)
    troubles.hear(SILENT, 3.5)
    assert troubles.hear(words("idle"), 5.0) == NOTHING


def test_a_camera_that_is_only_being_opened_is_in_no_trouble_yet() -> None:
    troubles = Troubles()
    troubles.hear(words("stale", "camera.opening"), 0.0)
    assert troubles.hear(words("stale", "camera.opening"), 60.0) == NOTHING


def test_what_could_not_be_written_is_added_to_what_came_since() -> None:
    other = UUID(int=8)
    before = Turns({CAMERA: "camera.black"}, {}, {CAMERA: "camera.black", other: "camera.black"})
    since = Turns({}, {CAMERA: 9.0}, {}, {CAMERA: ""})
    both = before | since
    assert both.lost == {CAMERA: "camera.black"}
    assert both.back == {CAMERA: 9.0}
    assert (both.faulty, both.well) == ({other: "camera.black"}, {CAMERA: ""})
