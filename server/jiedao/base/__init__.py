# SPDX-License-Identifier: Apache-2.0
"""What every domain stands on: clock, ids, errors, settings, database. Knows no domain."""
