# SPDX-License-Identifier: Apache-2.0
"""Loudspeakers: announcements are asked for, spoken over SIP, and proved."""
