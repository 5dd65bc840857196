# SPDX-License-Identifier: Apache-2.0
"""A street camera that speaks RTSP: drawn scenes, or any video file in real time.

Run it with ``python -m jiedao.sim.camera --help``.
"""
