# SPDX-License-Identifier: Apache-2.0
"""See: from frames to events. Pure functions and small objects that are fed; no I/O but models.

Vision says class, box, count, zone and dwell. It recognises nobody: no faces, no plates, no
gait, and no object is known from one camera to the next.
"""

from jiedao.vision.detector import load_detector
from jiedao.vision.naming import Detector
from jiedao.vision.planes import bgr_of_yuv420
from jiedao.vision.values import Box, Detection, Event, Frame, Image, Kind, Luma, Seen, Sighting
from jiedao.vision.watcher import Watcher
from jiedao.vision.zones import TARGETS, Line, Zone, ZonePlan

__all__ = [
    "TARGETS",
    "Box",
    "Detection",
    "Detector",
    "Event",
    "Frame",
    "Image",
    "Kind",
    "Line",
    "Luma",
    "Seen",
    "Sighting",
    "Watcher",
    "Zone",
    "ZonePlan",
    "bgr_of_yuv420",
    "load_detector",
]
