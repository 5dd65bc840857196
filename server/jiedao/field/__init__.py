# SPDX-License-Identifier: Apache-2.0
"""The phone in the field: duty, tasks, reports."""
