# SPDX-License-Identifier: Apache-2.0
"""Joins a detector's answers with what moves.

What the detector does not know, motion still finds; where neither has good reason, both are
silent. So a name makes a track believed at once, and a "not known" raises what motion alone
must show.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

import numpy as np

from jiedao.vision.attention import Attention, Crop
from jiedao.vision.boxes import Boxes, PixelBox, as_array, iou, shares
from jiedao.vision.planes import resized
from jiedao.vision.tracks import COVERED, HOSTED, Look, Track, covered_by_any
from jiedao.vision.values import Detection, Frame, Image

MOVING_SCORE: Final = 0.3  # Least score where something moves or is known to stand.
STILL_SCORE: Final = 0.5  # Least score where nothing shows that anything is there.
WAIT_S: Final = 0.45  # An unnamed track waits this long for its first answer.
UNKNOWN_LOOKS: Final = 3  # What was not known must be seen this often ...
UNKNOWN_WAY: Final = 0.6  # ... and have gone this many of its own sizes,
UNKNOWN_LEAST_PX: Final = 14.0  # at least and at most so far, at working size.
UNKNOWN_MOST_PX: Final = 24.0
LARGE_PX: Final = 24.0  # At working size.
CROPS_MOST: Final = 2  # In one frame.
WHOLLY: Final = 0.9  # Somebody is asked about if this share of him is shown,
KNOWN_IOU: Final = 0.3  # and known if something named is so like him.
FORGOTTEN: Final = 4  # A name that was not confirmed so often in a row is taken back.
GROUND_IOU: Final = 0.5  # A region this like a body is that body's.
GROUND_SLACK: Final = 0.03  # How far below its region a body may end, in its own heights.
CUT_PX: Final = 2.0  # A box this near to a crop's edge may be cut by it.
STATIONARY_KINDS: Final = frozenset({"car", "truck", "bus", "motorcycle", "bicycle"})


class Detector(Protocol):
    """Names the things in a picture."""

    def find(self, image: Image, /) -> Sequence[Detection]:
        """Boxes in pixels of the image, with class and score."""

    def cost_px(self, width: int, height: int, /) -> int:
        """Input pixels that a run on a picture of this size takes."""


class Namer:
    """Asks a detector where it matters, and turns its answers into looks."""

    def __init__(self, detector: Detector, attention: Attention, wanted: frozenset[str]) -> None:
        self._detector = detector
        self._attention = attention
        self._wanted = wanted
        self._begun = False

    def looks(
        self,
        frame: Frame,
        regions: Sequence[PixelBox],
        tracks: Sequence[Track],
        near: set[int],
    ) -> list[Look]:
        """The looks of one frame: the detector's where it was asked, moving regions elsewhere."""
        self._attention.earn(frame.t_s)
        named = self._ask(frame, regions, tracks, near)
        if not named:
            return [Look(box) for box in regions]
        bodies = as_array([look.box for look in named])
        rest = [Look(box) for box in regions if not _explained(box, bodies)]
        return [*named, *rest]

    def believes(self, track: Track) -> bool:
        """Whether a track that was seen twice is an object."""
        if track.votes:
            return track.moves or track.stirred or track.label in STATIONARY_KINDS
        if track.asked == 0:
            # A large body that the border cuts may have no shape that a detector knows.
            no_answer = track.asked_cut and min(track.size) >= LARGE_PX
            return track.moves and (no_answer or track.seen_s - track.first_s >= WAIT_S)
        needed_px = min(UNKNOWN_MOST_PX, max(UNKNOWN_LEAST_PX, UNKNOWN_WAY * max(track.size)))
        return track.gone_px > needed_px and track.looks >= UNKNOWN_LOOKS

    def _ask(
        self,
        frame: Frame,
        regions: Sequence[PixelBox],
        tracks: Sequence[Track],
        near: set[int],
    ) -> list[Look]:
        if frame.bgr is None:
            return []
        ahead = [track.ahead(frame.t_s) for track in tracks]
        evidence, moving = as_array([*regions, *ahead]), as_array(regions)
        image: Image | None = None
        looks: list[Look] = []
        for _ in range(CROPS_MOST):
            crop = self._crop(tracks, near)
            if crop is None:
                break
            image = frame.bgr() if image is None else image
            found = [look for look in self._show(image, crop) if _plausible(look, evidence)]
            self._note(tracks, ahead, crop, found, moving, frame.t_s)
            told = as_array([look.box for look in looks])
            looks += [
                replace(_grounded(look, moving), vouched=_is_vouched(look, moving))
                for look in found
                if not len(told) or float(iou(look.box, told).max()) < KNOWN_IOU
            ]
        return looks

    def _crop(self, tracks: Sequence[Track], near: set[int]) -> Crop | None:
        if self._begun:
            return self._attention.choose(tracks, near)
        self._begun = True
        return self._attention.everything()

    def _note(
        self,
        tracks: Sequence[Track],
        ahead: Sequence[PixelBox],
        crop: Crop,
        found: Sequence[Look],
        regions: Boxes,
        t_s: float,
    ) -> None:
        """Remember about whom was asked, and who was not known."""
        seen = as_array([look.box for look in found])
        shown = shares(as_array(ahead), as_array([crop.box])).ravel() > WHOLLY
        for i in np.flatnonzero(shown).tolist():
            track, box = tracks[i], ahead[i]
            track.asked_s, track.asked_px = t_s, track.region_px
            known = len(seen) and float(iou(box, seen).max()) >= KNOWN_IOU
            hidden = track.grounded and covered_by_any(box, regions) > COVERED
            track.asked_cut = self._attention.is_cut(box)
            if known or hidden or track.asked_cut:
                continue
            track.asked += 1
            # While it looks as it did when it was named, a doubt is the detector's own.
            fixed = track.named > 1 or track.label in STATIONARY_KINDS
            unchanged = fixed and track.grounded and track.held_s == track.seen_s
            if track.votes and track.asked >= FORGOTTEN and not unchanged:
                track.forget_name()

    def _show(self, image: Image, crop: Crop) -> list[Look]:
        """The wanted things in a crop, in working pixels."""
        height, width = image.shape[:2]
        scale = self._attention.scale
        x0, y0 = int(crop.box[0] * scale), int(crop.box[1] * scale)
        x1 = min(width, round(crop.box[2] * scale))
        y1 = min(height, round(crop.box[3] * scale))
        part = image[y0:y1, x0:x1]
        size = (max(1, int((x1 - x0) * crop.zoom)), max(1, int((y1 - y0) * crop.zoom)))
        shown = part if size == (x1 - x0, y1 - y0) else resized(np.ascontiguousarray(part), size)
        self._attention.spend(self._detector.cost_px(*size))
        looks: list[Look] = []
        for found in self._detector.find(shown):
            if found.label not in self._wanted or found.score < MOVING_SCORE:
                continue
            left, top, right, bottom = found.box
            cut = (
                (left < CUT_PX and x0 > 0)
                or (top < CUT_PX and y0 > 0)
                or (right > size[0] - CUT_PX and x1 < width)
                or (bottom > size[1] - CUT_PX and y1 < height)
            )
            if not cut:
                box = (
                    (left / crop.zoom + x0) / scale,
                    (top / crop.zoom + y0) / scale,
                    (right / crop.zoom + x0) / scale,
                    (bottom / crop.zoom + y0) / scale,
                )
                looks.append(Look(box, found.label, found.score))
        return looks


def _plausible(look: Look, evidence: Boxes) -> bool:
    """Whether a detection is good enough for a place where something, or nothing, was seen."""
    return look.score >= STILL_SCORE or covered_by_any(look.box, evidence) > 0.3


def _is_vouched(look: Look, regions: Boxes) -> bool:
    return look.score >= STILL_SCORE and covered_by_any(look.box, regions) > HOSTED


def _grounded(look: Look, regions: Boxes) -> Look:
    """The look with its foot no lower than what moves: a body's region ends at its shadow."""
    if not len(regions):
        return look
    overlaps = iou(look.box, regions)
    best = int(overlaps.argmax())
    if overlaps[best] < GROUND_IOU:
        return look
    x0, y0, x1, y1 = look.box
    lowest = float(regions[best][3]) + GROUND_SLACK * (y1 - y0)
    return replace(look, box=(x0, y0, x1, min(y1, lowest)))


def _explained(region: PixelBox, bodies: Boxes) -> bool:
    """Whether the bodies a detector found account for a moving region."""
    if covered_by_any(region, bodies) > 0.4:
        return True
    return bool((shares(bodies, as_array([region])) > HOSTED).any())
