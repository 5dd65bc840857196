# SPDX-License-Identifier: Apache-2.0
"""Simulated SIP horn loudspeakers: one process plays all of a town's, each by its account.

They answer by themselves, keep what they heard, and send it back as a monitor in the same call.
The process has its own small SIP reading, so that it can contradict the platform's.
"""
