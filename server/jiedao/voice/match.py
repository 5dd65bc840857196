# SPDX-License-Identifier: Apache-2.0
"""How alike two sounds are: what was rendered and what was heard."""

import numpy as np

from jiedao.voice.g711 import Pcm


def likeness(rendered: Pcm, heard: Pcm) -> float:
    """The highest normalised correlation over every shift in time, 0..1.

    1 means the same sound, at any loudness; 0 where either is silent. Only the stretch of `heard`
    that lies under `rendered` counts, so what was heard before and after does no harm.
    """
    source, sound = rendered.astype(np.float64), heard.astype(np.float64)
    energy = float(np.sum(source**2))
    if energy == 0.0 or not np.any(sound):
        return 0.0
    # Room on both sides lets the stretch begin before or end after what was heard.
    padded = np.concatenate([np.zeros(len(source)), sound, np.zeros(len(source))])
    size = 1 << (len(padded) + len(source) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(padded, size) * np.conj(np.fft.rfft(source, size)), size)[
        : len(padded) - len(source) + 1
    ]
    total = np.concatenate([[0.0], np.cumsum(padded**2)])
    under = total[len(source) :] - total[: -len(source)]
    # Stretches with next to no sound in them would make noise look like a match.
    loud = under > 0.01 * float(under.max())
    scores = np.where(loud, product / np.sqrt(energy * np.maximum(under, 1.0)), 0.0)
    return float(np.clip(scores.max(), 0.0, 1.0))
