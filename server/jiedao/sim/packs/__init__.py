# SPDX-License-Identifier: Apache-2.0
"""Files of the demo town: zone files of the drawn scenes and what else a pack needs."""
