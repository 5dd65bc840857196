# SPDX-License-Identifier: Apache-2.0
"""Writes the browser's types of the API and the feed: web/src/api/generated.ts.

    python scripts/browser_types.py          # write it
    python scripts/browser_types.py --check  # fail if it is older than the server

The API's own OpenAPI document and the feed's JSON Schema become one document, and that becomes
TypeScript by `openapi-typescript`, of the locked packages.
"""

import argparse
import difflib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import screens

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "web" / "src" / "api" / "generated.ts"
HEAD = """// SPDX-License-Identifier: Apache-2.0
// Made by scripts/browser_types.py from the server's own schemas. Change those, then run it again.
"""
SHOWN_LINES = 40


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    wanted = HEAD + types_of(document())
    if not given.check:
        TARGET.write_text(wanted, "utf-8")
        return 0
    kept = TARGET.read_text("utf-8") if TARGET.is_file() else ""
    if kept == wanted:
        return 0
    lines = difflib.unified_diff(kept.splitlines(), wanted.splitlines(), "kept", "wanted", n=1)
    print("\n".join(list(lines)[:SHOWN_LINES]))
    print(f"{TARGET.relative_to(ROOT)} is stale: run .venv/bin/python scripts/browser_types.py")
    return 1


def document() -> dict[str, Any]:
    """Everything that the server says to a browser, as one OpenAPI document."""
    sys.path.insert(0, str(ROOT / "server"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "jiedao.main.django_settings"
    import django  # noqa: PLC0415 - the settings come first

    django.setup()
    from jiedao.main.api import api  # noqa: PLC0415
    from jiedao.stream import messages  # noqa: PLC0415

    # Through JSON, as a browser would get it.
    whole: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    whole["components"]["schemas"] |= of_the_feed(messages.schema()["$defs"])
    untitled: dict[str, Any] = without_titles(whole)
    return untitled


def of_the_feed(definitions: dict[str, Any]) -> dict[str, Any]:
    """The feed's shapes beside the API's: a card passes through the feed as the API's card."""
    text = json.dumps(definitions).replace("#/$defs/", "#/components/schemas/")
    shapes: dict[str, Any] = json.loads(text)
    shapes["Event"]["properties"] |= {
        "card": {"anyOf": [{"$ref": "#/components/schemas/Card"}, {"type": "null"}]},
        "payload": {"type": "object", "additionalProperties": True},
    }
    return shapes


def without_titles(value: Any) -> Any:
    """The same document without the titles that only repeat a field's name."""
    if isinstance(value, list):
        return [without_titles(one) for one in value]
    if not isinstance(value, dict):
        return value
    is_schema = "type" in value or "anyOf" in value or "enum" in value or "$ref" in value
    drop = is_schema and isinstance(value.get("title"), str)
    return {k: without_titles(v) for k, v in value.items() if not (drop and k == "title")}


def types_of(schema: dict[str, Any]) -> str:
    """TypeScript of a document, each of its shapes exported under its own name."""
    node = screens.node_folder()
    with tempfile.TemporaryDirectory(prefix="jiedao-types-") as folder:
        source, result = Path(folder) / "api.json", Path(folder) / "api.ts"
        source.write_text(json.dumps(schema), "utf-8")
        program = ROOT / "web" / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
        options = ["--root-types", "--root-types-no-schema-prefix", "--default-non-nullable=false"]
        done = subprocess.run(
            [node / "node", program, source, "-o", result, *options],
            cwd=ROOT / "web",
            env=screens.environment(node),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        return result.read_text("utf-8")


if __name__ == "__main__":
    sys.exit(main())
