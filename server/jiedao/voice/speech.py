# SPDX-License-Identifier: Apache-2.0
"""Words to sound: kept clips first, then a speech engine, with what it made kept on disk.

Everything here is int16 at 8 kHz, the sound of a telephone and of horn loudspeakers.
"""

import hashlib
import json
import os
import subprocess
import sys
import threading
from importlib import resources
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jiedao.base.blobs import sync_folder
from jiedao.voice.errors import BrokenVoice, SpeechUnavailable
from jiedao.voice.g711 import RATE_HZ, Pcm
from jiedao.voice.normalise import normalise
from jiedao.voice.wav import BadWav, pcm_wav, read_wav

PEAK = 0.9 * 32767
MANDARIN = "cmn"
WORDS_PER_MINUTE = 150
"""Slower than the engine's 175: horns echo, and people by the water are far away."""
PATIENCE_S = 20.0
WAKE_TONE_HZ = 440
WAKE_TONE_PEAK = 300
"""-41 dB of full scale: wakes an amplifier that sleeps, and is no speech to anybody."""
RECENT = 200
"""Texts whose sound is held in memory, about 60 KB each."""
QUIET = 500
"""Samples below this at either end are no speech and are cut off."""


class TtsEngine(Protocol):
    """Something that reads text aloud."""

    name: str

    def render(self, text: str, voice: str) -> Pcm:
        """int16 at 8 kHz, loud, without silence at its ends. May be called from any thread.

        Raises:
            BrokenVoice: it would read the words wrongly.
            SpeechUnavailable: it cannot run here.
        """

    def close(self) -> None:
        """Let go of what it holds."""


class EspeakEngine:
    """eSpeak NG in a process of its own, started with the first words and again if it dies."""

    name = "espeak-ng"

    def __init__(self, command: tuple[str, ...] = ()) -> None:
        self._command = command or (sys.executable, "-m", "jiedao.voice.espeak_child")
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.version = ""

    def render(self, text: str, voice: str) -> Pcm:
        request = {"voice": voice, "text": text, "rate": WORDS_PER_MINUTE}
        line = json.dumps(request, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            try:
                head, sound = self._ask(line)
            except (OSError, ValueError, EOFError):
                # It died, perhaps on earlier words; once more with a fresh one.
                self._end()
                try:
                    head, sound = self._ask(line)
                except (OSError, ValueError, EOFError) as error:
                    self._end()
                    raise SpeechUnavailable(why=str(error)) from error
        if head.get("error") == BrokenVoice.code:
            raise BrokenVoice(voice=voice, why=head.get("why", ""))
        if "error" in head:
            raise SpeechUnavailable(why=head.get("why", ""))
        self.version = str(head["version"])
        return loud(resample(np.frombuffer(sound, "<i2").astype(np.int16), int(head["rate_hz"])))

    def _ask(self, line: bytes) -> tuple[dict[str, str], bytes]:
        child = self._running()
        assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018
        watchdog = threading.Timer(PATIENCE_S, child.kill)
        watchdog.start()
        try:
            child.stdin.write(line)
            child.stdin.flush()
            answer = child.stdout.readline()
            if not answer:
                raise EOFError("the engine ended")
            head: dict[str, str] = json.loads(answer)
            size = 2 * int(head.get("samples", 0))
            sound = child.stdout.read(size)
            if len(sound) < size:
                raise EOFError("the engine ended while speaking")
            return head, sound
        finally:
            watchdog.cancel()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(  # noqa: S603 - our own program
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # The engine has no business with the platform's settings and secrets.
                env={k: v for k, v in os.environ.items() if not k.startswith("JIEDAO_")},
            )
        return self._child

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def close(self) -> None:
        with self._lock:
            if self._child is not None and self._child.stdin is not None:
                self._child.stdin.close()
                self._child.wait(PATIENCE_S)
                self._child = None


class Speech:
    """What the voice process asks for sound. May be used from any thread.

    Args:
        engine: None where only kept clips may be used.
        cache: folder for what the engine made; None keeps nothing on disk.
    """

    def __init__(self, engine: TtsEngine | None, cache: Path | None = None) -> None:
        self.engine, self.cache = engine, cache
        self._recent: dict[tuple[str, str], Pcm] = {}

    def say(self, text: str, voice: str = MANDARIN) -> Pcm:
        """The sound of a text: a kept clip of exactly these words, or the engine's.

        Raises:
            SpeechUnavailable: no clip, and no engine that runs.
            BrokenVoice: the engine would read it wrongly.
        """
        found = self._recent.get((text, voice))
        if found is None:
            clip = kept_clip(text)
            found = self._spoken(text, voice) if clip is None else clip
            if len(self._recent) >= RECENT:
                self._recent.clear()
            self._recent[text, voice] = found
        return found

    def _spoken(self, text: str, voice: str) -> Pcm:
        if self.engine is None:
            raise SpeechUnavailable(text=text)
        spoken = normalise(text)
        path = self._path(spoken, voice)
        if path is not None and path.exists():
            try:
                return read_wav(path.read_bytes())
            except BadWav:
                path.unlink(missing_ok=True)
        sound = self.engine.render(spoken, voice)
        if path is not None:
            _keep(path, pcm_wav(sound))
        return sound

    def _path(self, spoken: str, voice: str) -> Path | None:
        if self.cache is None or self.engine is None:
            return None
        key = f"{self.engine.name}\0{WORDS_PER_MINUTE}\0{voice}\0{spoken}"
        return self.cache / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.wav"


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.new")
    draft.write_bytes(data)
    draft.replace(path)
    sync_folder(path.parent)


def kept_clip(text: str) -> Pcm | None:
    """The clip that is kept of exactly these words, if any."""
    folder = resources.files("jiedao.voice") / "clips"
    name = _clip_names().get(text.strip())
    return None if name is None else read_wav((folder / name).read_bytes())


def _clip_names() -> dict[str, str]:
    listing = (resources.files("jiedao.voice") / "clips" / "clips.json").read_text("utf-8")
    return {clip["text"]: clip["file"] for clip in json.loads(listing)["clips"]}


def for_loudspeaker(speech: Pcm, gain: float, wake_s: float) -> Pcm:
    """What is sent: a soft tone that wakes the amplifier, the words, a moment of silence.

    Args:
        gain: 0..1, from the loudspeaker's volume.
        wake_s: length of the tone; amplifiers that sleep need about 0.2.
    """
    silence = np.zeros(RATE_HZ // 20)
    return np.concatenate([wake_tone(wake_s), speech * gain, silence]).astype(np.int16)


def wake_tone(length_s: float) -> Pcm:
    """The soft tone alone."""
    at = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    return (WAKE_TONE_PEAK * np.sin(2 * np.pi * WAKE_TONE_HZ * at)).astype(np.int16)


def resample(pcm: Pcm, rate_hz: int) -> NDArray[np.float64]:
    """Samples at 8 kHz of a whole clip at another rate, by cutting its spectrum at 4 kHz."""
    if len(pcm) == 0:
        return np.zeros(0)
    length = round(len(pcm) * RATE_HZ / rate_hz)
    # Both ends are zero, as an engine's are, so the spectrum's wrap-round cannot be heard.
    spectrum = np.fft.rfft(pcm.astype(np.float64))[: length // 2 + 1]
    return np.fft.irfft(spectrum, length) * (length / len(pcm))


def loud(sound: NDArray[np.float64]) -> Pcm:
    """Silence cut off both ends, the loudest sample at PEAK."""
    speaking = np.flatnonzero(np.abs(sound) > QUIET)
    if len(speaking) == 0:
        return np.zeros(0, np.int16)
    margin = RATE_HZ // 50
    kept = sound[max(0, speaking[0] - margin) : speaking[-1] + 4 * margin]
    scaled: Pcm = np.rint(kept * (PEAK / np.abs(kept).max())).astype(np.int16)
    return scaled
