# SPDX-License-Identifier: Apache-2.0
"""Which shard holds which camera, and what a crash changes."""

from uuid import UUID

from jiedao.cameras.placing import CAMERAS_PER_SHARD, PARDON_S, REST_S, Placing

GOOD, BAD = UUID(int=1), UUID(int=2)


def test_cameras_share_a_shard_until_it_is_full() -> None:
    placing = Placing()
    keys = [placing.place(UUID(int=n), 0.0) for n in range(CAMERAS_PER_SHARD + 1)]
    assert set(keys[:-1]) == {"main 1"}
    assert keys[-1] == "main 2"


def test_a_camera_stays_where_it_is() -> None:
    placing = Placing()
    assert placing.place(GOOD, 0.0) == placing.place(GOOD, 99.0)


def test_who_was_in_work_at_a_crash_is_put_apart_and_the_others_stay_together() -> None:
    placing = Placing()
    placing.place(GOOD, 0.0)
    placing.place(BAD, 0.0)
    assert placing.crashed("main 1", {BAD}, 1.0) == {BAD}
    assert placing.place(BAD, 1.0) == str(BAD)
    assert placing.place(GOOD, 1.0) == "main 1"


def test_a_crash_of_one_shard_says_nothing_about_a_camera_of_another() -> None:
    placing = Placing()
    placing.place(GOOD, 0.0)
    assert placing.crashed("main 2", {GOOD}, 1.0) == set()


def test_a_camera_that_crashes_again_and_again_rests_and_is_then_tried_once_more() -> None:
    placing = Placing()
    key = placing.place(BAD, 0.0)
    for second in range(3):
        assert key is not None
        placing.crashed(key, {BAD}, float(second))
        key = placing.place(BAD, float(second))
    assert key is None
    assert placing.rests(BAD, 2.0)
    assert placing.place(BAD, 2.0 + REST_S) == str(BAD)


def test_a_camera_that_ran_long_alone_joins_the_others_again() -> None:
    placing = Placing()
    placing.place(BAD, 0.0)
    placing.crashed("main 1", {BAD}, 1.0)
    placing.place(BAD, 1.0)
    assert placing.place(BAD, 2.0 + PARDON_S) == "main 1"
