# SPDX-License-Identifier: Apache-2.0
"""Looks at every tracked file: licence line, no addresses in locks, no paths of one machine.

A lock file that names a registry, or a file that names somebody's home folder, works on the
machine that wrote it and nowhere else.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LICENCE = "SPDX-License-Identifier: Apache-2.0"
HAS_LICENCE = {".py", ".ts", ".vue", ".css", ".mjs", ".js", ".sh", ".toml", ".html"}
HAS_LICENCE_TOO = {"Makefile", "run", ".ci/run", "scripts/setup"}
LOCKS = {"requirements.lock", "web/package-lock.json"}
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|\"resolved\"")
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|Users|root|work)/[\w.-]+")
TEXT = {*HAS_LICENCE, ".md", ".json", ".yaml", ".yml", ".lock", ".txt", ".cfg", ""}


def main() -> int:
    complaints = [line for name in tracked() for line in complaints_of(name)]
    complaints += list(messages())
    for line in complaints:
        print(line)
    return 1 if complaints else 0


def tracked() -> list[str]:
    """Every file of the project, new ones too; without git, as in a package, none."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return sorted(name for name in said.split("\0") if name and (ROOT / name).is_file())


def complaints_of(name: str) -> Iterator[str]:
    path = ROOT / name
    if path.suffix not in TEXT:
        return
    text = path.read_text("utf-8")
    if path.suffix in HAS_LICENCE or name in HAS_LICENCE_TOO:
        head = text.split("\n", 4)[:4]
        count = sum(LICENCE in line for line in head)
        if count != 1:
            yield f"{name}:1: needs one line '{LICENCE}' at the top, has {count}"
    for number, line in enumerate(text.split("\n"), 1):
        if name in LOCKS and ADDRESS.search(line):
            yield f"{name}:{number}: an address in a lock file: {line.strip()[:80]}"
        if name != "scripts/lint_files.py" and MACHINE_PATH.search(line):
            yield f"{name}:{number}: a path of one machine: {line.strip()[:80]}"


def messages() -> Iterator[str]:
    """Every message has both languages, with the very same facts in it."""
    name = "server/jiedao/base/locale/messages.json"
    pairs = json.loads((ROOT / name).read_text("utf-8"), object_pairs_hook=_no_doubles)
    for code, words in pairs.items():
        facts = [set(re.findall(r"{(\w+)}", words.get(lang, ""))) for lang in ("zh-CN", "en")]
        if set(words) != {"zh-CN", "en"} or not all(words.values()):
            yield f"{name}: {code} needs zh-CN and en"
        elif facts[0] != facts[1]:
            yield f"{name}: {code} names other facts in Chinese than in English"


def _no_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        sys.exit(f"messages.json: twice: {sorted({n for n in names if names.count(n) > 1})}")
    return found


if __name__ == "__main__":
    sys.exit(main())
