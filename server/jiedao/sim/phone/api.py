# SPDX-License-Identifier: Apache-2.0
"""The platform's public API as one simulated person uses it: one session, one open connection."""

import contextlib
import http.client
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

Json = dict[str, Any]
SEAT = "sim"
"""The name of our sessions, by which the director tells them from a visitor's."""
CHUNK_BYTES = 64 * 1024
PATIENCE_S = 15.0


class Refused(Exception):
    """The platform said no; `code` is its stable error code, "" if it gave none."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


class Api:
    """One person's way to the platform.

    Args:
        address: such as http://127.0.0.1:8420.
        authority: certificate of the local authority that signed the platform's, if it uses TLS.

    Every method raises OSError or http.client.HTTPException if the platform cannot be reached.
    """

    def __init__(self, address: str, authority: Path | None = None) -> None:
        self._home = urlsplit(address)
        self._trust = ssl.create_default_context(cafile=authority) if authority else None
        self._open: dict[str, http.client.HTTPConnection] = {}
        self._cookie = ""

    def sign_in(self, login: str, password: str) -> None:
        self.post("/session", login=login, password=password)

    def get(self, path: str) -> Any:
        """The JSON answer of GET /api/PATH."""
        return self._ask("GET", path, None)

    def post(self, path: str, **values: object) -> Any:
        """POST to /api/PATH; returns the JSON answer."""
        return self._ask("POST", path, values)

    def act(self, path: str, **values: object) -> Any:
        """POST an act, with an id of its own."""
        return self.post(path, act_id=str(uuid4()), **values)

    def send_fix(self, at: str, lon: float, lat: float, battery_pct: int) -> None:
        """Tell the platform where this phone is, as of an ISO time, and what its battery has."""
        fix: Json = {"at": at, "lon": round(lon, 6), "lat": round(lat, 6), "accuracy_m": 8.0}
        fix["battery_pct"] = battery_pct
        url = self.post("/tickets", purpose="positions")["url"]
        self._send("POST", url, json.dumps({"fixes": [fix]}).encode(), {})

    def upload(self, data: bytes, media_type: str) -> str:
        """Send a file in chunks; returns its sha256 once the platform has it on disk."""
        url = self.post("/tickets", purpose="upload")["url"]
        headers = {"Upload-Length": str(len(data)), "Upload-Type": media_type}
        said = self._send("POST", url, b"", headers)
        base = url.partition("?")[0]
        for offset in range(0, len(data), CHUNK_BYTES):
            chunk = data[offset : offset + CHUNK_BYTES]
            answer = self._send("PATCH", f"{base}/{said['id']}?offset={offset}", chunk, {})
        return str(answer["sha256"])

    def _ask(self, method: str, path: str, values: Json | None) -> Any:
        url = f"{self._home.scheme}://{self._home.netloc}/api{path}"
        headers = {"X-Jiedao-Seat": SEAT, "X-Jiedao-CSRF": "1"}
        if self._cookie:
            headers["Cookie"] = self._cookie
        body = None
        if values is not None:
            body = json.dumps(values).encode()
            headers["Content-Type"] = "application/json"
        return self._send(method, url, body, headers)

    def _send(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Any:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        kept = self._open.get(parts.netloc)
        answer = None
        if kept is not None:
            # A server may close an idle connection at any time; that is no failure yet.
            with contextlib.suppress(ConnectionError):
                answer = self._exchange(kept, parts.netloc, method, target, body, headers)
        if answer is None:
            fresh = self._connect(parts.scheme, parts.netloc)
            answer = self._exchange(fresh, parts.netloc, method, target, body, headers)
        status, content = answer
        if status >= 400:
            raise Refused(status, content.get("code", "") if isinstance(content, dict) else "")
        return content

    def _exchange(
        self,
        link: http.client.HTTPConnection,
        netloc: str,
        method: str,
        target: str,
        body: bytes | None,
        headers: dict[str, str],
    ) -> tuple[int, Any]:
        try:
            link.request(method, target, body, headers)
            answer = link.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            link.close()
            self._open.pop(netloc, None)
            raise
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self._cookie = cookie.partition(";")[0]
        return answer.status, _parse(said)

    def _connect(self, scheme: str, netloc: str) -> http.client.HTTPConnection:
        link: http.client.HTTPConnection
        if scheme == "https":
            link = http.client.HTTPSConnection(netloc, timeout=PATIENCE_S, context=self._trust)
        else:
            link = http.client.HTTPConnection(netloc, timeout=PATIENCE_S)
        self._open[netloc] = link
        return link


def _parse(said: bytes) -> Any:
    try:
        return json.loads(said) if said else {}
    except ValueError:
        return {}
