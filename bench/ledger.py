# SPDX-License-Identifier: Apache-2.0
"""A client that writes all the time and keeps a ledger: what was acknowledged must be there once.

Each note has an id made here. While nothing answers the same id is sent again, so that a note
whose answer was lost is not written twice.
"""

import http.client
import threading
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg

from jiedao.main.standing import Platform
from jiedao.sim.phone.api import Api, Refused

AWAY = (OSError, http.client.HTTPException)
PAUSE_S = 0.05


@dataclass
class Ledger:
    """Acts by outcome: acknowledged, or unknown because the last answer never came.

    Attributes:
        refusals: how often the client was told to come again, by the code it was told.
    """

    acknowledged: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refusals: Counter[str] = field(default_factory=Counter)


class Writer:
    """Notes on one matter of its own, one after the other, until stopped."""

    def __init__(self, address: str) -> None:
        self.ledger = Ledger()
        self._api = Api(address)
        self._api.post("/demo/seats/operatorb")
        self._matter = str(self._raise()["card"]["id"])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name="ledger", daemon=True)
        self._thread.start()

    @property
    def matter(self) -> str:
        return self._matter

    def stop(self) -> Ledger:
        """Stop after the note under way; the ledger."""
        self._stop.set()
        self._thread.join(30)
        return self.ledger

    def _raise(self) -> dict[str, dict[str, object]]:
        town = self._api.get("/config")["town"]
        found: dict[str, dict[str, object]] = self._api.act(
            "/matters", lon=town["lon"], lat=town["lat"], note="台账"
        )
        return found

    def _write(self) -> None:
        while not self._stop.is_set():
            self._note(str(uuid4()))
            self._stop.wait(PAUSE_S)

    def _note(self, act: str) -> None:
        path = f"/matters/{self._matter}/acts/note"
        while True:
            try:
                self._api.post(path, act_id=act, note=act)
            except AWAY:
                pass
            except Refused as refusal:
                if refusal.status < 500:
                    raise
                self.ledger.refusals[refusal.code] += 1
            else:
                self.ledger.acknowledged.append(act)
                return
            if self._stop.wait(PAUSE_S):
                self.ledger.unknown.append(act)
                return


def check(platform: Platform, matter: str, ledger: Ledger) -> tuple[int, int]:
    """Read the rows beside the platform: (acknowledged notes lost, notes written twice)."""
    with psycopg.connect(platform.database.admin_dsn(platform.database.name)) as admin:
        rows = admin.execute(
            "select p.text from trace_record r join trace_record_private p on p.record_id = r.id"
            " where r.matter_id = %s and r.payload->>'action' = 'note'",
            [matter],
        ).fetchall()
    written = Counter(text for (text,) in rows)
    lost = sum(written[act] == 0 for act in ledger.acknowledged)
    return lost, sum(count - 1 for count in written.values())
