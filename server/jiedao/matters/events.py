# SPDX-License-Identifier: Apache-2.0
"""What other domains may listen to. Listeners run inside the transaction of the act."""

from collections.abc import Callable

from jiedao.base.database import Tx
from jiedao.matters.rules import MatterState

on_opened: list[Callable[[Tx, MatterState], None]] = []
on_repeated: list[Callable[[Tx, MatterState], None]] = []
on_ended: list[Callable[[Tx, MatterState], None]] = []
