# SPDX-License-Identifier: Apache-2.0
"""The demo town 青石街道, invented from one seed and written as pack files (see README.md)."""

from jiedao.sim.town.pack import FORMAT, build, write

__all__ = ["FORMAT", "build", "write"]
