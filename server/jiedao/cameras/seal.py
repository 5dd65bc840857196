# SPDX-License-Identifier: Apache-2.0
"""Camera passwords at rest: encrypted under a key that lies outside the database."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def seal(password: str, secret: str) -> str:
    """The password encrypted; empty stays empty."""
    return _box(secret).encrypt(password.encode()).decode() if password else ""


def unseal(sealed: str, secret: str) -> str:
    """The password; empty if it was sealed under another key, so that the camera says so itself."""
    if not sealed:
        return ""
    try:
        return _box(secret).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _box(secret: str) -> Fernet:
    key = HKDF(SHA256(), 32, salt=None, info=b"jiedao camera passwords").derive(secret.encode())
    return Fernet(urlsafe_b64encode(key))
