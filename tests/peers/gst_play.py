# SPDX-License-Identifier: Apache-2.0
"""Plays an RTSP address with GStreamer and prints what came, as JSON.

Runs under Debian's own Python, which has GStreamer's bindings: gst_play.py URL FRAMES.
"""

import json
import sys
from typing import Any

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

LIMIT_S = 20


def main(url: str, wanted: int) -> int:
    Gst.init(None)
    pipeline = Gst.parse_launch(
        f"rtspsrc location={url} protocols=tcp latency=0 ! rtph264depay ! h264parse "
        "! tee name=t t. ! queue ! openh264dec ! fakesink name=pictures sync=false "
        f"t. ! queue ! fakesink name=coded sync=false num-buffers={wanted}"
    )
    # A dictionary of counts and lists, printed as it is.
    seen: dict[str, Any] = {"coded": 0, "keys": [], "pictures": 0, "times": []}

    def on_coded(_sink: Any, buffer: Any, _pad: Any) -> None:
        if not buffer.has_flags(Gst.BufferFlags.DELTA_UNIT):
            seen["keys"].append(seen["coded"])
        seen["coded"] += 1
        seen["times"].append(buffer.pts)

    def on_picture(_sink: Any, _buffer: Any, pad: Any) -> None:
        seen["pictures"] += 1
        size = pad.get_current_caps().get_structure(0)
        seen["width"], seen["height"] = size.get_value("width"), size.get_value("height")

    for name, call in (("coded", on_coded), ("pictures", on_picture)):
        sink = pipeline.get_by_name(name)
        sink.set_property("signal-handoffs", True)
        sink.connect("handoff", call)
    pipeline.set_state(Gst.State.PLAYING)
    bus, kinds = pipeline.get_bus(), Gst.MessageType.ERROR | Gst.MessageType.EOS
    deadline = Gst.util_get_timestamp() + LIMIT_S * Gst.SECOND
    message = None
    while seen["coded"] < wanted and message is None and Gst.util_get_timestamp() < deadline:
        message = bus.timed_pop_filtered(100 * Gst.MSECOND, kinds)
    pipeline.set_state(Gst.State.NULL)
    if message is not None and message.type == Gst.MessageType.ERROR:
        seen["error"] = message.parse_error()[0].message
    print(json.dumps(seen))
    return 0 if seen["coded"] >= wanted else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
