# SPDX-License-Identifier: Apache-2.0
"""The one place where parts are wired together."""
