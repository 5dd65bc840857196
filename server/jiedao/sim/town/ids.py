# SPDX-License-Identifier: Apache-2.0
"""Names for things: ids that follow from codes, and dice that follow from the seed."""

import random
from uuid import NAMESPACE_URL, uuid5

_SPACE = uuid5(NAMESPACE_URL, "jiedao:demo-town:青石街道")


def stable_id(kind: str, code: str) -> str:
    """The same UUID for the same kind (place, party, account, camera, loudspeaker) and code."""
    return str(uuid5(_SPACE, f"{kind}:{code}"))


def dice_for(seed: int, part: str) -> random.Random:
    """Dice of one part of the town; more draws in one part leave the others as they are."""
    return random.Random(f"{seed}:{part}")  # noqa: S311 - invents a town, keeps no secret
