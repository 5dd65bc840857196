# SPDX-License-Identifier: Apache-2.0
"""Digest access authentication (RFC 7616) for SIP: MD5 as devices in the field have it, SHA-256."""

import hashlib
import re
from dataclasses import dataclass

_PAIR = re.compile(r'([A-Za-z0-9\-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)')
_STRENGTH = {"SHA-256": 2, "MD5": 1}


@dataclass(frozen=True, slots=True)
class Credentials:
    """How an account proves who it is."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, ***)"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a 401 or 407 asks for. `qop` is "auth" or "" (the old form without a counter)."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: str = ""
    opaque: str = ""
    stale: bool = False


def parse_challenge(value: str) -> Challenge | None:
    """One WWW-Authenticate or Proxy-Authenticate value; None where we cannot answer it."""
    scheme, _blank, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        return None
    given = {key.lower(): _unquote(text) for key, text in _PAIR.findall(rest)}
    algorithm = given.get("algorithm", "MD5").upper()
    offered = {part.strip().lower() for part in given.get("qop", "").split(",") if part.strip()}
    if algorithm not in _STRENGTH or "nonce" not in given or (offered and "auth" not in offered):
        return None
    return Challenge(
        realm=given.get("realm", ""),
        nonce=given["nonce"],
        algorithm=algorithm,
        qop="auth" if offered else "",
        opaque=given.get("opaque", ""),
        stale=given.get("stale", "").lower() == "true",
    )


def strongest(values: tuple[str, ...]) -> Challenge | None:
    """The best challenge we can answer among several."""
    known = [found for value in values if (found := parse_challenge(value))]
    return max(known, key=lambda challenge: _STRENGTH[challenge.algorithm], default=None)


def answer(
    challenge: Challenge,
    credentials: Credentials,
    method: str,
    uri: str,
    *,
    cnonce: str,
    count: int = 1,
) -> str:
    """The Authorization value for a challenge.

    Args:
        cnonce: fresh random text from our side.
        count: how often this nonce has been used, from 1.
    """

    def digest(text: str) -> str:
        data = text.encode()
        if challenge.algorithm == "SHA-256":
            return hashlib.sha256(data).hexdigest()
        return hashlib.md5(data, usedforsecurity=False).hexdigest()

    who = digest(f"{credentials.username}:{challenge.realm}:{credentials.password}")
    what = digest(f"{method}:{uri}")
    fields = [
        f'username="{_escape(credentials.username)}"',
        f'realm="{_escape(challenge.realm)}"',
        f'nonce="{_escape(challenge.nonce)}"',
        f'uri="{uri}"',
    ]
    if challenge.qop:
        proof = digest(f"{who}:{challenge.nonce}:{count:08x}:{cnonce}:auth:{what}")
        fields += ["qop=auth", f"nc={count:08x}", f'cnonce="{cnonce}"']
    else:
        proof = digest(f"{who}:{challenge.nonce}:{what}")
    fields += [f'response="{proof}"', f"algorithm={challenge.algorithm}"]
    if challenge.opaque:
        fields.append(f'opaque="{_escape(challenge.opaque)}"')
    return "Digest " + ", ".join(fields)


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
