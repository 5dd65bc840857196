# SPDX-License-Identifier: Apache-2.0
"""Identities: one NewType per kind, all UUID version 7 so that they sort by birth."""

from typing import NewType
from uuid import UUID

import uuid_utils

PartyId = NewType("PartyId", UUID)
AccountId = NewType("AccountId", UUID)
PlaceId = NewType("PlaceId", UUID)
MatterId = NewType("MatterId", UUID)
TaskId = NewType("TaskId", UUID)
RecordId = NewType("RecordId", UUID)
SignalId = NewType("SignalId", UUID)
CameraId = NewType("CameraId", UUID)
LoudspeakerId = NewType("LoudspeakerId", UUID)
AnnouncementId = NewType("AnnouncementId", UUID)
PlanRunId = NewType("PlanRunId", UUID)
ActId = NewType("ActId", UUID)


def new_id() -> UUID:
    """A fresh UUID version 7."""
    return UUID(int=uuid_utils.uuid7().int)
