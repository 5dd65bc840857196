# SPDX-License-Identifier: Apache-2.0
"""Simulated people: phones of workers, and hands at the desk, on the public API alone."""
