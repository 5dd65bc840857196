# SPDX-License-Identifier: Apache-2.0
"""The speech engine's own process: `python -m jiedao.voice.espeak_child`.

eSpeak NG is under the GPL-3, so nothing but this small program loads it, and only over a pipe does
anybody talk to it (docs/decisions: the GPL speech engine runs only in its own process). Its state
is global as well, so requests are served one after the other.

In: one JSON line a request, {"voice": "cmn", "text": "…", "rate": 150}. Out: one JSON line,
{"rate_hz": 22050, "samples": n, "version": "…"} and then n little-endian int16 samples; or
{"error": "voice.broken_voice", "why": "…"}. It ends when its input does.
"""

import ctypes
import json
import sys
from typing import Any

SYNCHRONOUS = 1
UTF8 = 1
RATE_PARAMETER = 1
PROBE = "水边危险，请立即离开"
"""Nothing but common hanzi: whatever sounds English in it is read wrongly."""
FOREIGN = "(en)"

_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Refused(Exception):
    """The request cannot be served; the first argument is a message code."""


class Engine:
    """eSpeak NG through ctypes."""

    def __init__(self) -> None:
        try:
            import espeakng_loader  # noqa: PLC0415 - optional, and only ever loaded here

            self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path()
        except (ImportError, OSError) as error:
            raise Refused("voice.no_speech", str(error)) from error
        self.rate_hz = int(self._lib.espeak_Initialize(SYNCHRONOUS, 0, data.encode(), 0))
        if self.rate_hz <= 0:
            raise Refused("voice.no_speech", "the engine did not start")
        self._lib.espeak_Info.restype = ctypes.c_char_p
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self.version = self._lib.espeak_Info(None).decode()
        self._sound = bytearray()
        # Kept, because the engine holds only a bare pointer to it.
        self._callback = _CALLBACK(self._take)
        self._lib.espeak_SetSynthCallback(self._callback)
        self._checked: set[str] = set()

    def _take(self, samples: Any, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._sound += ctypes.string_at(samples, 2 * count)
        return 0

    def speak(self, voice: str, text: str, rate: int) -> bytes:
        """int16 samples of the text."""
        self._use(voice)
        self._lib.espeak_SetParameter(RATE_PARAMETER, rate, 0)
        self._sound.clear()
        data = text.encode()
        self._lib.espeak_Synth(data, len(data) + 1, 0, 0, 0, UTF8, None, None)
        self._lib.espeak_Synchronize()
        return bytes(self._sound)

    def _use(self, voice: str) -> None:
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise Refused("voice.broken_voice", "unknown / 未知")
        if voice not in self._checked:
            sounds = self.phonemes(PROBE)
            if FOREIGN in sounds or not sounds.strip():
                raise Refused("voice.broken_voice", sounds)
            self._checked.add(voice)

    def phonemes(self, text: str) -> str:
        """How the present voice would pronounce the text."""
        buffer = ctypes.create_string_buffer(text.encode())
        place = ctypes.c_void_p(ctypes.addressof(buffer))
        parts = []
        while place.value:
            parts.append(self._lib.espeak_TextToPhonemes(ctypes.byref(place), UTF8, 0).decode())
        return " ".join(parts)


def serve() -> None:
    """Answer requests until the input ends."""
    out = sys.stdout.buffer
    engine: Engine | None = None
    for line in sys.stdin.buffer:
        sound = b""
        try:
            asked = json.loads(line)
            engine = engine or Engine()
            sound = engine.speak(asked["voice"], asked["text"], int(asked.get("rate", 150)))
            answer: dict[str, object] = {
                "rate_hz": engine.rate_hz,
                "samples": len(sound) // 2,
                "version": engine.version,
            }
        except Refused as refusal:
            answer = {"error": refusal.args[0], "why": refusal.args[1]}
        out.write(json.dumps(answer).encode() + b"\n" + sound)
        out.flush()


if __name__ == "__main__":
    serve()
