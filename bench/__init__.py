# SPDX-License-Identifier: Apache-2.0
"""Every claim of speed or accuracy, runnable."""
