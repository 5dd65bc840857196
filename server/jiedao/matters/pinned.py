# SPDX-License-Identifier: Apache-2.0
"""The item and the flow that a matter goes by: those of the packs it was opened under."""

from jiedao.catalog.rules import Flow, Item
from jiedao.catalog.store import earliest_flow, pack_of
from jiedao.matters.rules import MatterState


def item_of(matter: MatterState) -> Item:
    """The matter's item as its pack said it when the matter opened."""
    return pack_of(matter.pack).items[matter.item]


def flow_of(matter: MatterState) -> Flow:
    """The flow that the matter's item named when it opened.

    Records of the early days do not say in which version; there was only the first one then.
    """
    code = item_of(matter).flow
    if matter.flow_pack is None:
        return earliest_flow(code)
    return pack_of(matter.flow_pack).flows[code]
