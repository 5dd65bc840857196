# SPDX-License-Identifier: Apache-2.0
"""What every bench says at its end: one object, and whether every target holds."""

import json
import operator
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Target = tuple[str, float]
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
}


def machine() -> dict[str, object]:
    """On what the figures were measured."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {"cpu": cpu, "cores": os.cpu_count(), "python": platform.python_version()}


def conclude(
    bench: str,
    data: str,
    figures: Mapping[str, float],
    targets: Mapping[str, Target],
    *,
    as_json: bool,
) -> int:
    """Print the figures; the exit status is 0 only if every target holds.

    Args:
        data: what was used, with its seed, and what is left out.
        figures: by name, the unit in the name.
        targets: the limit of a figure, such as ("<=", 250).
    """
    holds = {name: _HOLDS[sign](figures[name], limit) for name, (sign, limit) in targets.items()}
    rounded = {name: round(value, 4) for name, value in figures.items()}
    passed = all(holds.values())
    if as_json:
        report = {"bench": bench, "machine": machine(), "data": data, "figures": rounded}
        print(json.dumps({**report, "targets": targets, "pass": passed}, ensure_ascii=False))
    else:
        print(f"{bench}: {data}")
        for name, value in figures.items():
            print(_line(name, value, targets.get(name), holds.get(name)))
    return 0 if passed else 1


def _line(name: str, value: float, target: Target | None, holds: bool | None) -> str:
    limit = f"  {target[0]} {target[1]:g}  {'ok' if holds else 'MISSED'}" if target else ""
    return f"  {name:<32} {value:>12,.2f}{limit}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies, by the nearest rank."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(share * len(ranked)) - 1))]
