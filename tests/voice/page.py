# SPDX-License-Identifier: Apache-2.0
"""The stream process as the voice process knows it, with a page behind it that holds the key."""

import contextlib
import json
import socket
import threading
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from jiedao.voice import g711
from jiedao.voice.g711 import FRAME_S, FRAME_SAMPLES, Pcm
from jiedao.voice.speech import kept_clip

PATIENCE_S = 60.0
LEAVE = "桥下水深危险，请立即离开水边。"
BEFORE_S = 0.6
"""Somebody presses, waits for the sign, and speaks."""


def speech() -> Pcm:
    words = kept_clip(LEAVE)
    assert words is not None
    quiet = np.zeros(round(BEFORE_S * g711.RATE_HZ), np.int16)
    whole = np.concatenate([quiet, words])
    return whole[: len(whole) - len(whole) % FRAME_SAMPLES]


class Page:
    """One talk."""

    def __init__(self, path: Path, talk: UUID) -> None:
        self._link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._link.settimeout(PATIENCE_S)
        self._link.connect(str(path))
        self._link.sendall(json.dumps({"talk": str(talk)}).encode() + b"\n")

    def says(self, sound: Pcm) -> None:
        """On a microphone's clock."""
        begin = time.monotonic()
        for number, frame in enumerate(np.split(sound, len(sound) // FRAME_SAMPLES)):
            time.sleep(max(0.0, begin + number * FRAME_S - time.monotonic()))
            self._put(b"S" + number.to_bytes(4, "big") + frame.astype("<i2").tobytes())

    def says_meanwhile(self, sound: Pcm) -> threading.Thread:
        """The same beside what else happens; it ends with the link."""

        def say() -> None:
            with contextlib.suppress(OSError):
                self.says(sound)

        thread = threading.Thread(target=say)
        thread.start()
        return thread

    def releases(self) -> None:
        self._put(b"E")

    def stops(self) -> None:
        self._put(b"X")

    def leaves(self) -> None:
        self._link.close()

    def hears(self, kind: str) -> dict[str, Any]:
        """The next news of that kind; an end without it fails."""
        while (told := self._news())["kind"] != kind:
            pass
        return told

    def _news(self) -> dict[str, Any]:
        size = int.from_bytes(self._read(4), "big")
        told: dict[str, Any] = json.loads(self._read(size)[1:])
        return told

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self._link.recv(size - len(data))
            assert piece, "the talk ended without a word"
            data += piece
        return data

    def _put(self, frame: bytes) -> None:
        self._link.sendall(len(frame).to_bytes(4, "big") + frame)
