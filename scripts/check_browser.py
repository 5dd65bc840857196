# SPDX-License-Identifier: Apache-2.0
"""The browser tests in real Chromium: screens alone, then on a running demo town."""

import os
from pathlib import Path

import demo_run
import screens

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    screens.install(ROOT)
    play("alone")
    if not list((ROOT / "web" / "browser" / "platform").glob("**/*.spec.ts")):
        return
    with (
        demo_run.folder() as place,
        demo_run.demo(ROOT / ".venv" / "bin" / "jiedao", place) as url,
    ):
        os.environ["JIEDAO_BASE"] = url.rstrip("/")
        play("platform")


def play(project: str) -> None:
    """One of the projects of web/playwright.config.ts."""
    screens.npm(ROOT, "run", "--silent", "browser", "--", f"--project={project}")


if __name__ == "__main__":
    main()
