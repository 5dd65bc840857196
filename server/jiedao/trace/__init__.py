# SPDX-License-Identifier: Apache-2.0
"""The trail: append-only records, sealed in one order, chained and checkpointed.

Other domains import ``trace.writing``: a package that holds Django models cannot import them
itself before the applications are loaded.
"""
