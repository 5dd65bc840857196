# SPDX-License-Identifier: Apache-2.0
"""A bad setting stops the start and is named."""

from pathlib import Path

import pytest

from jiedao.base.errors import BadSetting
from jiedao.base.settings import load_settings


def test_settings_are_read_by_their_kind() -> None:
    settings = load_settings(
        {"JIEDAO_DATA_DIR": "/srv/town", "JIEDAO_WEB_PORT": "0", "JIEDAO_DEMO": "true", "HOME": "/"}
    )
    assert settings.data_dir == Path("/srv/town")
    assert (settings.web_port, settings.demo) == (0, True)
    assert settings.checkpoint_dir == Path("/srv/town-checkpoints")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JIEDAO_WEB_PORT", "many"),
        ("JIEDAO_WEB_PORT", "70000"),
        ("JIEDAO_DEMO", "perhaps"),
        ("JIEDAO_LOG", "poem"),
        ("JIEDAO_DATA_DIR", ""),
        ("JIEDAO_CAMERA_RANGES", "10.0.0.0/99"),
        ("JIEDAO_COLOUR", "blue"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_and_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        load_settings({name: value})
    assert refusal.value.facts["name"] == name
