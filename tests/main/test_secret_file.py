# SPDX-License-Identifier: Apache-2.0
"""Secrets are made once, kept for their owner alone, and never replaced by new ones unasked."""

from pathlib import Path

import pytest

from jiedao.main.secret_file import Secrets, SecretsDamaged


def test_a_secret_is_made_once_and_is_the_same_ever_after(tmp_path: Path) -> None:
    first = Secrets(tmp_path).get("jiedao_web")
    assert Secrets(tmp_path).get("jiedao_web") == first
    assert Secrets(tmp_path).get("jiedao_seal") != first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"jiedao_web": 3}', b"\xff\xfe"])
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secrets.json"
    file.write_bytes(content)
    with pytest.raises(SecretsDamaged) as refusal:
        Secrets(tmp_path).get("jiedao_web")
    assert file.read_bytes() == content
    for language in ("zh-CN", "en"):
        assert str(file) in refusal.value.in_words(language)
