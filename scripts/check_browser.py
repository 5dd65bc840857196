# SPDX-License-Identifier: Apache-2.0
"""The browser tests in real Chromium: screens alone, then on a running demo town."""

import os
from pathlib import Path

import demo_run
import screens

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    screens.install(ROOT)
    with (
        demo_run.folder() as place,
        demo_run.demo(ROOT / ".venv" / "bin" / "jiedao", place) as url,
    ):
        os.environ["JIEDAO_BASE"] = url.rstrip("/")
        screens.npm(ROOT, "run", "--silent", "browser")


if __name__ == "__main__":
    main()
