# SPDX-License-Identifier: Apache-2.0
"""The stream process: feeds, uploads, positions and live pictures. Never loads Django."""
