# SPDX-License-Identifier: Apache-2.0
"""The chain: what is hashed of a record, and how one link follows from the last. Pure.

``CANONICAL`` is computed by the database from the stored row, so that sealing and verifying read
the very same bytes; jsonb and bytea have one text form each, and times are microseconds.
"""

import hashlib

GENESIS = bytes(32)
ALGORITHM = "sha256"

CANONICAL = """
jsonb_build_array(
    r.schema, r.id, r.verb, r.subject_kind, r.subject_id, r.matter_id, r.version, r.task_id,
    r.actor_id, r.screen, (extract(epoch from r.at) * 1000000)::bigint,
    (extract(epoch from r.device_at) * 1000000)::bigint, r.place_path, r.payload,
    encode(r.commitment, 'hex'), r.audience
)::text
"""


def link(previous: bytes, position: int, canonical: str) -> bytes:
    """The hash of a record at a position, after the hash of the one before it.

    Args:
        previous: 32 bytes; GENESIS before position 1.
        position: from 1, gapless.
        canonical: the record as CANONICAL gives it.
    """
    return hashlib.sha256(previous + position.to_bytes(8, "big") + canonical.encode()).digest()


def commit_to(salt: bytes, text: str) -> bytes:
    """The salted commitment that stands in a record for its personal text."""
    return hashlib.sha256(salt + text.encode()).digest()
