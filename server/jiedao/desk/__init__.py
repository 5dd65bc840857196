# SPDX-License-Identifier: Apache-2.0
"""The duty desk: what operators see, and what they do from one screen."""
