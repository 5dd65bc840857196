# SPDX-License-Identifier: Apache-2.0
"""One camera in a shard: pulled when armed or viewed, relayed, decoded as far as needed."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from av.error import FFmpegError

from jiedao.base.clock import Clock
from jiedao.base.errors import JiedaoError
from jiedao.cameras.address import check_address
from jiedao.cameras.detectors import Detectors
from jiedao.cameras.errors import CameraChanged, CameraFault, CameraGarbled
from jiedao.cameras.inwork import Marks
from jiedao.cameras.keeping import Alarm, Keeper
from jiedao.cameras.live import LiveLoop
from jiedao.cameras.messages import Condition, FromShard, Presence, Watch
from jiedao.cameras.pace import STARVED, Pace
from jiedao.cameras.pull import Arrival, Puller, RtspSource
from jiedao.cameras.recording import CameraRecording, Recorder
from jiedao.cameras.relay import Fragmenter, Ring, parameter_sets
from jiedao.cameras.rules import signal_of
from jiedao.cameras.tamper import FROZEN, Tamper
from jiedao.cameras.views import load_view, save_view
from jiedao.cameras.watching import Analysers, Counters, Look, Picture, Watching, luma_of
from jiedao.vision.watcher import Watcher
from jiedao.vision.zones import ZonePlan

LINGER_S = 10.0
"""How long a camera that nobody views any more is still pulled: the next click is instant."""
LATE_S = 1.0
"""A stream that is read later than this after its capture is not decoded until its next key."""
SILENT_S = 3.0
GARBLED_S = 4.0
STILL_EVERY_S = 1.0
PRESENCE_EVERY_S = 0.5
SEEN_MOST = 64
KEEP_VIEW_S = 300.0
MOST_OWED = 5
"""Packets in a row for which a sound stream's decoder may give no picture."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What all cameras of a shard share."""

    clock: Clock
    networks: tuple[IPv4Network | IPv6Network, ...]
    live: LiveLoop
    analysers: Analysers
    keeper: Keeper
    marks: Marks
    detectors: Detectors
    recorder: Recorder
    views: Path
    tell: Callable[[FromShard], None]


class Holding:
    """A camera that this shard holds. Called from the shard's main thread unless said otherwise."""

    def __init__(self, watch: Watch, kit: Kit) -> None:
        self.watch = watch
        self.kit = kit
        self.ring = Ring()
        self.channel = kit.live.channel(watch.camera, self.ring)
        self.watching: Watching | None = None
        self.tamper = Tamper(load_view(kit.views, watch.camera, watch.view_since_s))
        self.recording: CameraRecording | None = None
        self._record()
        self._view_kept_s = kit.clock.monotonic_s()
        self._pulling: _Pulling | None = None
        self._wanted_until_s = 0.0
        self._presence: tuple[float, dict[str, int | None]] = (0.0, {})
        self._judged_since_s: float | None = None
        self._arm()
        # It was asked for just now, or it would not be held.
        self.want()

    def change(self, watch: Watch) -> None:
        """Take new settings; the stream is opened anew only if its address changed."""
        old, self.watch = self.watch, watch
        if _dialled(old) != _dialled(watch):
            self._stop()
        self._record()
        if old.view_since_s != watch.view_since_s:
            self.tamper = Tamper()
        if _judged_by(old) != _judged_by(watch):
            self._arm()

    def want(self) -> None:
        """Somebody asked for its live picture just now."""
        self._wanted_until_s = self.kit.clock.monotonic_s() + LINGER_S

    def tick(self) -> Condition:
        """Start or stop pulling as wanted; say how it fares."""
        now_s = self.kit.clock.monotonic_s()
        if self.channel.watched:
            self._wanted_until_s = now_s + LINGER_S
        if self.watch.armed or self.watch.recorded or now_s < self._wanted_until_s:
            if self._pulling is None:
                self._start()
        elif self._pulling is not None:
            self._stop()
        counters = self.watching.counters if self.watching else Counters()
        if self._pulling is None:
            return Condition(self.watch.camera, "idle")
        self._keep_view(now_s)
        return self._pulling.condition(counters)

    @property
    def idle(self) -> bool:
        """Neither armed, recorded nor viewed: the shard may forget it."""
        return self._pulling is None and not (self.watch.armed or self.watch.recorded)

    def close(self) -> None:
        """Stop pulling and drop the viewers."""
        self._stop()
        save_view(self.kit.views, self.watch.camera, self.tamper.view)
        self.kit.live.drop(self.watch.camera)

    def _arm(self) -> None:
        # What was said of the zones of another plan is no word on this one's.
        self.kit.tell(Presence(self.watch.camera, self.kit.clock.now(), {}, blind=True))
        self.watching = None
        self._judged_since_s = None
        if self.watch.armed and self.watch.zones:
            plan = ZonePlan.parse(self.watch.zones)
            detector = self.kit.detectors.named(self.watch.detector)
            self.watching = Watching(Watcher(plan, detector), self._looked, self.tamper)

    def _record(self) -> None:
        if not self.watch.recorded:
            ended, self.recording = self.recording, None
            if ended is not None:
                ended.broken("recording.stopped")
        elif self.recording is None:
            watch = self.watch
            self.recording = CameraRecording(watch.camera, watch.epoch, self.kit.recorder)
        else:
            self.recording.epoch = self.watch.epoch

    def _keep_view(self, now_s: float) -> None:
        """So that a camera which is moved while nobody looks is found moved afterwards."""
        if now_s - self._view_kept_s > KEEP_VIEW_S:
            self._view_kept_s = now_s
            save_view(self.kit.views, self.watch.camera, self.tamper.view)

    def _start(self) -> None:
        self._pulling = _Pulling(self)
        try:
            address = check_address(
                self.watch.host,
                self.watch.port,
                self.watch.path,
                self.kit.networks,
                login=self.watch.login,
                password=self.watch.password,
            )
        except JiedaoError as refusal:
            # The registry checks on the way in; ranges may have become narrower since.
            self._pulling.refused(refusal.code)
            return
        slot = self.watch.slot
        source = RtspSource(address, lambda: self.kit.marks.working(slot))
        self._pulling.puller = Puller(source, self._pulling, self.kit.clock)
        self._pulling.puller.start()

    def _stop(self) -> None:
        if self._pulling is not None:
            self._pulling.detach()
            self._pulling = None

    def _looked(self, look: Look) -> None:
        """An analyser's thread made a sighting."""
        for event in look.sighting.events:
            kind = signal_of(event, self.watch.zones)
            if kind is not None:
                self.kit.keeper.alarm(
                    Alarm(self.watch.camera, self.watch.epoch, kind, event, look, self.ring)
                )
        self._tell_presence(look)

    def _tell_presence(self, look: Look) -> None:
        sighting = look.sighting
        # Nobody in a picture that stands, or of another view, does not mean that nobody is there.
        blind = sighting.blind or bool(self.tamper.fault)
        names = [zone["name"] for zone in self.watch.zones.get("zones", ())]
        zones: dict[str, int | None] = {
            name: None if blind else sighting.presence.get(name, 0) for name in names
        }
        told_s, told = self._presence
        if blind:
            self._judged_since_s = None
        elif self._judged_since_s is None:
            self._judged_since_s = sighting.t_s
        if not zones or (zones == told and sighting.t_s - told_s < PRESENCE_EVERY_S):
            return
        self._presence = (sighting.t_s, zones)
        at = datetime.fromtimestamp(sighting.t_s, UTC)
        since_s = self._judged_since_s
        since = None if since_s is None else datetime.fromtimestamp(since_s, UTC)
        # What else is seen goes along: it may stand before somebody.
        seen = [one.box for one in sighting.boxes][:SEEN_MOST]
        stays = {name: [*dict.fromkeys((*sighting.stays.get(name, ()), *seen))] for name in names}
        self.kit.tell(Presence(self.watch.camera, at, zones, blind, stays, since))


def _judged_by(watch: Watch) -> tuple[object, ...]:
    return (watch.armed, watch.zones, watch.detector, watch.view_since_s)


def _dialled(watch: Watch) -> tuple[object, ...]:
    return (watch.host, watch.port, watch.path, watch.login, watch.password)


class _Pulling:
    """The packets of one puller. Its methods run in the puller's thread unless said otherwise."""

    def __init__(self, holding: Holding) -> None:
        self._holding, self._kit = holding, holding.kit
        self._camera = holding.watch.camera
        self._slot = holding.watch.slot
        self.puller: Puller | None = None
        self._detached = False
        self._fragmenter: Fragmenter | None = None
        self._stream: Any = None
        self._sets = b""
        self._waits_for_key = True
        self._fault = ""
        self._last_packet_s = self._kit.clock.monotonic_s()
        self._bad_since_s: float | None = None
        self._bad_from_s: float | None = None
        self._owed = 0
        self._drift_s = 0.0
        self._seen = False
        self._last_still_s = 0.0
        self._pace = Pace()
        self._pace.restart(self._last_packet_s)

    # From the shard's main thread.

    def detach(self) -> None:
        """Stop, and let nothing that is still under way reach the camera's viewers."""
        self._detached = True
        if self.puller is not None:
            self.puller.stop()
        self._broken("recording.stopped")

    def refused(self, code: str) -> None:
        """The address may not be dialled."""
        self._fault = code
        self._holding.channel.fail(code)

    def condition(self, counters: Counters) -> Condition:
        """How the camera fares now."""
        self._pace.look(self._kit.clock.monotonic_s())
        state, code = self._state()
        return Condition(
            camera=self._camera,
            state=state,
            code=code,
            fps=round(self._pace.fps, 1),
            bitrate_kbps=round(self._pace.kbps, 1),
            drift_s=round(self._drift_s, 3),
            skew_s=round(self._pace.skew_s, 3),
            analysed=counters.analysed,
            skipped=counters.skipped,
            dropped=counters.dropped,
            calibrating=counters.calibrating,
            blindness=round(counters.blindness, 4),
        )

    def _state(self) -> tuple[str, str]:
        """State and code: the fault that explains the others comes first."""
        if self._fault:
            return "offline", self._fault
        if not self._seen:
            return "stale", "camera.opening"
        if self._kit.clock.monotonic_s() - self._last_packet_s > SILENT_S:
            return "stale", "camera.silent"
        if self._holding.tamper.fault:
            return "stale", self._holding.tamper.fault
        fault = self._pace.fault
        return "stale" if fault == STARVED else "live", fault

    # From the puller's thread.

    def opened(self, stream: Any) -> None:
        # Threads inside the decoder would only add pictures of delay.
        stream.codec_context.thread_count = 1
        self._stream = stream
        self._fragmenter = Fragmenter(stream)
        self._waits_for_key, self._sets = True, b""
        self._bad_since_s = self._bad_from_s = None
        self._pace.restart(self._kit.clock.monotonic_s())

    def take(self, packet: Any, arrival: Arrival) -> None:
        if self._detached:
            return
        self._last_packet_s = self._kit.clock.monotonic_s()
        self._seen = True
        self._pace.take(packet.size, arrival.waited_s, arrival.lag_s)
        self._drift_s = arrival.drift_s
        if arrival.skew_s is not None:
            self._pace.skew_s = arrival.skew_s
        with self._kit.marks.working(self._slot):
            _die_for_the_test(self._stream)
            self._decode(packet, arrival)
            # Parameters of a picture that cannot be decoded are noise, not another size.
            if packet.is_keyframe and self._bad_from_s is None:
                self._refuse_change(bytes(packet))
            self._relay(packet, arrival)

    def lost(self, fault: CameraFault) -> None:
        if self._detached:
            return
        if self._fragmenter is not None:
            self._fragmenter.close()
            self._fragmenter = None
            self._broken(fault.code)
        if not isinstance(fault, CameraChanged):
            self._fault = fault.code
            self._holding.channel.fail(fault.code)

    def _broken(self, code: str) -> None:
        """What is being kept of the stream has all that it gets."""
        self._kit.keeper.broken(self._camera)
        if self._holding.recording is not None:
            self._holding.recording.broken(code)

    @property
    def _where(self) -> str:
        return f"{self._holding.watch.host}:{self._holding.watch.port}"

    def _refuse_change(self, data: bytes) -> None:
        """A new picture size in mid-stream is opened anew: neither muxer nor viewer can follow."""
        sets = parameter_sets(data, self._stream.codec_context.name)
        if sets and self._sets and sets != self._sets:
            raise CameraChanged(address=self._where)
        self._sets = sets or self._sets

    def _relay(self, packet: Any, arrival: Arrival) -> None:
        if self._fragmenter is None:
            return
        began = self._fragmenter.head is not None
        done = self._fragmenter.push(packet, arrival.captured_s)
        head = self._fragmenter.head
        if not began and head is not None:
            self._holding.channel.restart(head)
        if done is not None and head is not None:
            piece = self._holding.ring.add(*done)
            self._holding.channel.publish(piece)
            self._kit.keeper.follow(self._camera, piece)
            if self._holding.recording is not None:
                self._holding.recording.take(head, piece, self._useless_since())

    def _useless_since(self) -> tuple[str, float] | None:
        """Why the pictures of now are of no use to anybody, and since which capture time."""
        tamper = self._holding.tamper
        if self._bad_from_s is not None:
            return "camera.garbled", self._bad_from_s
        return (FROZEN, tamper.since_s) if tamper.fault == FROZEN else None

    def _decode(self, packet: Any, arrival: Arrival) -> None:
        watching = self._holding.watching
        if packet.is_keyframe:
            self._waits_for_key = False
        elif watching is None or self._waits_for_key or arrival.lag_s > LATE_S:
            # Without rules key frames suffice for stills; a late stream catches up by the next.
            self._waits_for_key = True
            if watching is not None:
                watching.skip(arrival.captured_s)
            return
        try:
            pictures = self._stream.codec_context.decode(packet)
            # A decoder that sorts pictures gives the first ones some packets later.
            self._owed = 0 if pictures else self._owed + 1
        except FFmpegError:
            pictures, self._owed = [], MOST_OWED
        if pictures or self._owed >= MOST_OWED:
            self._refuse_garbled(any(not picture.is_corrupt for picture in pictures), arrival)
        for picture in pictures:
            self._show(picture, arrival, watching)

    def _refuse_garbled(self, good: bool, arrival: Arrival) -> None:
        """Damaged pictures happen; nothing but damaged ones for seconds is a fault."""
        if good:
            # Only a picture that can be decoded tells that the camera is well again.
            self._fault = ""
            self._bad_since_s = self._bad_from_s = None
        elif self._bad_since_s is None:
            self._bad_since_s, self._bad_from_s = self._last_packet_s, arrival.captured_s
        elif self._last_packet_s - self._bad_since_s > GARBLED_S:
            raise CameraGarbled(address=self._where)

    def _show(self, picture: Picture, arrival: Arrival, watching: Watching | None) -> None:
        if watching is not None and watching.offer(picture, arrival.captured_s):
            self._kit.analysers.wake(watching)
        elif watching is None and self._holding.watch.judged:
            self._holding.tamper.look(luma_of(picture), arrival.captured_s, key=True)
        if arrival.captured_s - self._last_still_s >= STILL_EVERY_S:
            self._last_still_s = arrival.captured_s
            self._kit.keeper.still(self._camera, picture)


_DEADLY = os.environ.get("CAMERAS_TEST_DEADLY_WIDTH", "")


def _die_for_the_test(stream: Any) -> None:
    """Stands in for a decoder that a packet kills, where no such packet is at hand.

    Only with a variable that the supervisor never sets: a picture of that width ends the process
    the way a segmentation fault does.
    """
    if _DEADLY and stream.codec_context.width == int(_DEADLY):
        os.abort()
