# SPDX-License-Identifier: Apache-2.0
"""A camera made of GStreamer's own RTSP server; prints its address, ends when stdin closes.

Runs under Debian's own Python: gst_camera.py [FPS]. The picture is a bouncing ball, coded as
H.264 with a key frame every 2 s.
"""

import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def main(fps: int) -> None:
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(
        "( videotestsrc is-live=true pattern=ball "
        f"! video/x-raw,format=I420,width=320,height=240,framerate={fps}/1 "
        f"! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={2 * fps} bitrate=500 "
        "! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
    )
    factory.set_shared(True)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    server.get_mount_points().add_factory("/ball", factory)
    server.attach(None)
    url = f"rtsp://127.0.0.1:{server.get_bound_port()}/ball"
    print(json.dumps({"url": url}), flush=True)
    loop = GLib.MainLoop()

    def until_parent_gone() -> None:
        sys.stdin.read()
        loop.quit()

    threading.Thread(target=until_parent_gone, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
