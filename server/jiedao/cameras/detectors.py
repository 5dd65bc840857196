# SPDX-License-Identifier: Apache-2.0
"""The detectors of a shard: each model file loaded once, on the first camera that wants it."""

import re
from pathlib import Path

from jiedao.base import log
from jiedao.base.errors import JiedaoError
from jiedao.vision import Detector, load_detector

MOTION = "motion"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Detectors:
    """Detectors by the name under which a camera asks for them: DATA_DIR/models/NAME.onnx."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, Detector | None] = {}

    def named(self, name: str) -> Detector | None:
        """The detector; None for moving objects alone.

        A model that is missing or unusable leaves the camera's rules at work on what moves: a
        fence that watches less finely is better than one that does not watch.
        """
        if name == MOTION or not _NAME.fullmatch(name):
            return None
        if name not in self._loaded:
            try:
                self._loaded[name] = load_detector(self._folder / f"{name}.onnx")
            except JiedaoError as refusal:
                log.get(__name__).error("model refused", model=name, why=str(refusal))
                self._loaded[name] = None
        return self._loaded[name]
