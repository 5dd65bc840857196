# SPDX-License-Identifier: Apache-2.0
"""`python -m jiedao.sim.town --seed 2021 --size full --out DIR` writes the demo town."""

import argparse
from pathlib import Path

from jiedao.sim.town.pack import write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m jiedao.sim.town", description=__doc__)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--size", choices=("full", "small"), default="full")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write(given.out, given.seed, given.size)


if __name__ == "__main__":
    main()
