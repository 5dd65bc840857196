# SPDX-License-Identifier: Apache-2.0
"""街道 Jiedao: the open town command centre."""

__version__ = "0.1.0"
