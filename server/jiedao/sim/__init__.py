# SPDX-License-Identifier: Apache-2.0
"""Devices that speak the real protocols on the wire, each in a process of its own.

Nothing here imports the server: a simulator that shared its code could not catch its mistakes.
"""
