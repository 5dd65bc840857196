# SPDX-License-Identifier: Apache-2.0
"""Cameras: pulled once each, relayed without transcoding, watched without blinking.

Loads neither Django nor a decoder, so that every process of the domain takes only what it needs:
``address`` (the door), ``pull``, ``relay``, ``watching`` and ``shard`` know no database;
``models``, ``actions`` and ``store`` do.
"""
