# SPDX-License-Identifier: Apache-2.0
"""Passwords and keys of one data directory, made once: secrets.json, mode 0600."""

import json
import os
import secrets
from pathlib import Path

import msgspec

from jiedao.base.errors import JiedaoError


class SecretsDamaged(JiedaoError):
    """The file of secrets cannot be read."""

    code = "secrets.damaged"


class Secrets:
    """Named random secrets, kept on disk before they are used."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "secrets.json"

    def get(self, name: str) -> str:
        """The secret of this name, made on first use: 32 random bytes, URL-safe."""
        known = self.all()
        if name not in known:
            known[name] = secrets.token_urlsafe(32)
            self._save(known)
        return known[name]

    def all(self) -> dict[str, str]:
        """Every secret by name.

        Raises:
            SecretsDamaged: new ones in their place would lock the platform out of its own rows.
        """
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError as error:
            raise SecretsDamaged(file=str(self._path)) from error

    def _save(self, known: dict[str, str]) -> None:
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(known, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
