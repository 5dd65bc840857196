# SPDX-License-Identifier: Apache-2.0
"""Who may watch: Basic and Digest (MD5) sign-in, as cameras on the street ask for it."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

from jiedao.sim.camera.messages import Request

REALM = "jiedao-camera"
_PAIR = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]*))')


def _md5(text: str) -> str:
    # RTSP digest is defined over MD5; street cameras offer nothing else.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Login:
    """One user and password; the nonce lives as long as the simulator."""

    user: str
    password: str
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def challenge(self) -> dict[str, str]:
        """The header that asks for a sign-in."""
        return {"WWW-Authenticate": f'Digest realm="{REALM}", nonce="{self.nonce}"'}

    def admits(self, request: Request) -> bool:
        """True if the request carries the right user and password."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return hmac.compare_digest(rest.strip(), expected)
        if scheme.lower() != "digest":
            return False
        given = {key: quoted or bare for key, quoted, bare in _PAIR.findall(rest)}
        if given.get("username") != self.user or given.get("nonce") != self.nonce:
            return False
        who = _md5(f"{self.user}:{REALM}:{self.password}")
        what = _md5(f"{request.method}:{given.get('uri', '')}")
        return hmac.compare_digest(given.get("response", ""), _md5(f"{who}:{self.nonce}:{what}"))
