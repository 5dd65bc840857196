# SPDX-License-Identifier: Apache-2.0
"""The media process: leases cameras, places them in shards, takes in what the shards see.

It never decodes. A shard that dies is replaced at once; the cameras that were in work when it died
go into processes of their own, so that one bad stream costs its own picture only.
"""

import contextlib
import queue
import socket
import threading
from collections.abc import Mapping, Sequence, Set
from uuid import UUID

import msgspec
from django.db import connection

from jiedao.base import log
from jiedao.base.blobs import BlobStore
from jiedao.base.clock import Clock
from jiedao.base.database import transact
from jiedao.base.health import Heartbeat
from jiedao.base.settings import Settings
from jiedao.cameras import intake, store
from jiedao.cameras.exports import Exports
from jiedao.cameras.housekeeping import Housekeeping
from jiedao.cameras.messages import (
    ClipKept,
    Condition,
    FromShard,
    GapSeen,
    Observed,
    Presence,
    Recorded,
    Snap,
    Status,
    Watch,
)
from jiedao.cameras.placing import Placing
from jiedao.cameras.reporting import Reporting
from jiedao.cameras.shards import ShardProcess
from jiedao.cameras.socket import LiveSocket
from jiedao.cameras.spool import Spool
from jiedao.cameras.taking import DatabaseAway, Taking

LOOK_EVERY_S = 1.0
TICK_S = 0.2
OPENING_S, SEEN = 8.0, 5
"""How long the start waits for cameras, and how many judged pictures make one that sees."""
ASKED_S = 5.0
"""A shard's word that nobody views a camera does not count so soon after somebody asked."""
SHORT_LIFE_S, BREATH_S = 5.0, 1.0
"""A shard that lived so short is started again only after a breath."""
END_S = 3.0


class Media:
    """All cameras of this machine."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._holder = f"media@{socket.gethostname()}:{settings.data_dir.absolute()}"
        self._lock = threading.RLock()
        self._placing = Placing()
        self._shards: dict[str, ShardProcess] = {}
        self._ended: queue.SimpleQueue[ShardProcess] = queue.SimpleQueue()
        self._wanted: dict[UUID, Watch] = {}
        self._viewed: dict[UUID, Watch] = {}
        self._asked_s: dict[UUID, float] = {}
        self._not_before_s: dict[str, float] = {}
        self._told: dict[UUID, tuple[str, Watch]] = {}
        self._epochs: dict[UUID, int] = {}
        self._closing = False
        self._began_s, self._opening = clock.monotonic_s(), True
        self._judged: set[UUID] = set()
        spools = settings.data_dir / "spool"
        self._taking = Taking(
            intake.deliver_to(clock, settings.recording_dir),
            Spool(spools / "observations.jsonl"),
            Spool(spools / "refused.jsonl"),
        )
        self._housekeeping = Housekeeping(settings.recording_dir, clock)
        self._exports = Exports(settings.recording_dir, BlobStore(settings.blob_dir), clock)
        self._reporting = Reporting(
            clock.monotonic_s,
            lambda words: intake.write_presence(clock, words),
            lambda conditions, turns: intake.write_health(clock, conditions, turns),
        )

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop."""
        with Heartbeat("media", self._settings.data_dir, patience_s=10) as heart:
            live = LiveSocket(self._settings.socket_path, self._route)
            self._housekeeping.start()
            self._exports.start()
            next_s = 0.0
            try:
                while not stop.wait(TICK_S):
                    self._bury()
                    if self._clock.monotonic_s() >= next_s:
                        next_s = self._clock.monotonic_s() + LOOK_EVERY_S
                        self._look(heart)
                    self._settle()
            finally:
                live.close()
                self.close()

    def close(self) -> None:
        """End the shards, write what they told."""
        with self._lock:
            self._closing = True
            shards = list(self._shards.values())
        enders = [threading.Thread(target=shard.end, args=(END_S,)) for shard in shards]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()
        self._housekeeping.close()
        self._exports.close()
        self._reporting.close()
        self._taking.close(2.0)

    # What is wanted, by the registry and the leases.

    def _look(self, heart: Heartbeat) -> None:
        try:
            with intake.away_if_lost(), transact(intake.MEDIA, self._clock):
                held = store.held_cameras(self._settings.secret_key)
                self._keep_leases(held)
                asked = store.claim_clips()
        except DatabaseAway as away:
            # The holder keeps watching with what it knows, and spools.
            heart.not_ready("database.away")
            log.get(__name__).warning("database away", why=str(away)[:120])
            return
        with self._lock:
            self._wanted = {
                camera: self._as_held(watch, self._epochs[camera])
                for camera, watch in held.items()
                if camera in self._epochs
            }
        self._snap(asked)
        if self._eyes_open({camera for camera, watch in held.items() if watch.armed}):
            heart.ready()

    def _snap(self, asked: Sequence[tuple[UUID, UUID]]) -> None:
        with self._lock:
            for camera, matter in asked:
                told = self._told.get(camera)
                shard = self._shards.get(told[0]) if told is not None else None
                if shard is None or not shard.say(Snap(camera, matter)):
                    log.get(__name__).warning("no clip, nobody pulls it", camera=str(camera))

    def _as_held(self, watch: Watch, epoch: int) -> Watch:
        recorded = watch.recorded and not self._housekeeping.is_full
        return msgspec.structs.replace(watch, epoch=epoch, recorded=recorded)

    def _eyes_open(self, armed: Set[UUID]) -> bool:
        """Whether whoever steps over a line now would be seen; for a while after the start only.

        A camera that is broken does not keep the process from being ready for ever.
        """
        if not self._opening:
            return True
        late = self._clock.monotonic_s() - self._began_s > OPENING_S
        self._opening = not (late or armed <= self._judged)
        return not self._opening

    def _keep_leases(self, wanted: Mapping[UUID, Watch]) -> None:
        held = {camera: epoch for camera, epoch in self._epochs.items() if camera in wanted}
        kept = store.renew_leases(held, self._holder) if held else set()
        self._epochs = {camera: held[camera] for camera in kept}
        missing = wanted.keys() - self._epochs.keys()
        if missing:
            self._epochs |= store.take_leases(missing, self._holder)

    # Where everything is held.

    def _settle(self) -> None:
        """Bring the shards to what is wanted."""
        with self._lock:
            wanted = self._viewed | self._wanted
            for camera in self._told.keys() - wanted.keys():
                self._let_go(camera)
            for camera, watch in wanted.items():
                self._hold(camera, watch)
            for shard in list(self._shards.values()):
                if shard.hangs():
                    log.get(__name__).error("shard hangs, ending it", shard=shard.key)
                    shard.kill()

    def _hold(self, camera: UUID, watch: Watch) -> ShardProcess | None:
        """See that a camera is held with these settings; return by whom."""
        key = self._placing.place(camera, self._clock.monotonic_s())
        if key is None:
            self._reporting.fare([Condition(camera, "offline", "camera.kills_decoder")])
            return None
        shard = self._shards.get(key)
        if shard is None:
            if self._clock.monotonic_s() < self._not_before_s.get(key, 0.0):
                return None
            shard = self._shards[key] = ShardProcess(key, self._hear, self._ended.put)
            log.get(__name__).info("shard started", shard=key, pid=shard.pid)
        told = self._told.get(camera)
        if told is not None and told[0] != key and told[0] in self._shards:
            self._shards[told[0]].release(camera)
        if told != (key, watch) and shard.watch(watch):
            self._told[camera] = (key, watch)
        return shard

    def _let_go(self, camera: UUID) -> None:
        key, _ = self._told.pop(camera)
        if key in self._shards:
            self._shards[key].release(camera)
        self._placing.forget(camera)
        self._reporting.fare([Condition(camera, "idle")])

    def _bury(self) -> None:
        """Replace shards that ended; put apart whoever was in work at a crash."""
        with contextlib.suppress(queue.Empty):
            while True:
                shard = self._ended.get_nowait()
                with self._lock:
                    self._after_crash(shard)

    def _after_crash(self, shard: ShardProcess) -> None:
        if self._closing or self._shards.get(shard.key) is not shard:
            return
        del self._shards[shard.key]
        now_s = self._clock.monotonic_s()
        if shard.lived_s < SHORT_LIFE_S:
            self._not_before_s[shard.key] = now_s + BREATH_S
        guilty = self._placing.crashed(shard.key, shard.in_work(), now_s)
        for camera, (key, _) in list(self._told.items()):
            if key == shard.key:
                del self._told[camera]
        log.get(__name__).error(
            "shard ended",
            shard=shard.key,
            status=shard.exit_status,
            apart=sorted(str(camera) for camera in guilty),
        )

    # What the shards and the viewers say. Called in their threads.

    def _hear(self, message: FromShard) -> None:
        match message:
            case Observed() | ClipKept() | Recorded() | GapSeen():
                self._taking.put(message)
            case Presence():
                self._reporting.stand(message)
            case Status():
                self._reporting.fare(message.cameras)
                if self._opening:
                    self._judged |= {c.camera for c in message.cameras if c.analysed >= SEEN}
                self._forget_unviewed(message)

    def _forget_unviewed(self, status: Status) -> None:
        idle = {c.camera for c in status.cameras if c.state == "idle"}
        since_s = self._clock.monotonic_s() - ASKED_S
        with self._lock:
            for camera in idle & self._viewed.keys():
                if self._asked_s.get(camera, 0.0) < since_s:
                    del self._viewed[camera]

    def _route(self, camera: UUID, viewer: socket.socket) -> bool:
        """Pass a viewer on to whoever holds the camera; have it held if nobody does."""
        with self._lock:
            watch = self._wanted.get(camera) or self._viewed.get(camera)
        if watch is None:
            watch = self._unarmed(camera)
        if watch is None:
            return False
        with self._lock:
            self._asked_s[camera] = self._clock.monotonic_s()
            if camera not in self._wanted:
                self._viewed[camera] = watch
            shard = self._hold(camera, self._wanted.get(camera, watch))
            return shard is not None and shard.view(camera, viewer)

    def _unarmed(self, camera: UUID) -> Watch | None:
        try:
            with intake.away_if_lost(), transact(intake.MEDIA, self._clock):
                return store.camera_to_view(camera, self._settings.secret_key)
        except DatabaseAway:
            return None
        finally:
            # This thread ends with the request; its connection would only be left behind.
            connection.close()
