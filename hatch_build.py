# SPDX-License-Identifier: Apache-2.0
"""Puts the built screens into the wheel, so that whoever installs it needs no Node.

An editable install builds nothing: its screens come from web/dist. A fresh web/dist is reused.
"""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ScreensHook(BuildHookInterface[Any]):
    """Builds web/ and puts web/dist at jiedao/web."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        dist = _screens(root).build(root)
        build_data["force_include"][str(dist)] = "jiedao/web"


def _screens(root: Path) -> ModuleType:
    """scripts/screens.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("screens", root / "scripts" / "screens.py")
    if spec is None or spec.loader is None:
        sys.exit("scripts/screens.py is missing / 缺少 scripts/screens.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
