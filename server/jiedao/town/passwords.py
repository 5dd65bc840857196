# SPDX-License-Identifier: Apache-2.0
"""Passwords by argon2id, two at a time: hashing must not become a weapon after an outage."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

# Two 46 MiB computations at once leave the rest of the process its memory and a core.
_gate = threading.BoundedSemaphore(2)


class Hasher(Argon2PasswordHasher):
    """argon2id, 46 MiB, one pass: about 54 ms of a core a sign-in."""

    time_cost = 1
    memory_cost = 46 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with _gate:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _gate:
            return super().verify(password, encoded)
