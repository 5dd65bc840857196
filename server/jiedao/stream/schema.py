# SPDX-License-Identifier: Apache-2.0
"""Print the JSON Schema of the feed, as it is kept in docs/reference/feed.schema.json."""

import json
import sys

from jiedao.stream.messages import schema


def as_text() -> str:
    """The schema as it is kept in the documentation."""
    return json.dumps(schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_text())
