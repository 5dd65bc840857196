# SPDX-License-Identifier: Apache-2.0
"""What each camera looks at, kept over restarts: edges on a coarse grid, no picture.

One small file a camera. A file that is missing or unreadable only means that its view is learnt
anew, so writing it is never worth an error.
"""

import contextlib
import os
from io import BytesIO
from pathlib import Path
from uuid import UUID

import numpy as np

from jiedao.cameras.tamper import LEARNT_AFTER, View

_SHAPE = (45, 80)


def load_view(folder: Path, camera: UUID, since_s: float) -> View:
    """The view as last kept; an unknown one if it was kept before ``since_s`` (epoch seconds)."""
    file = folder / f"{camera}.npy"
    try:
        if file.stat().st_mtime < since_s:
            return View()
        edges = np.load(file, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError, EOFError):
        return View()
    return View(edges, LEARNT_AFTER) if edges.shape == _SHAPE else View()


def save_view(folder: Path, camera: UUID, view: View) -> None:
    """Keep a view that is known."""
    if view.edges is None or not view.is_known:
        return
    kept = BytesIO()
    np.save(kept, view.edges.astype(np.float16))
    draft = folder / f"{camera}.{os.getpid()}.new"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(kept.getvalue())
        draft.replace(folder / f"{camera}.npy")
