# SPDX-License-Identifier: Apache-2.0
"""Words become sound: kept clips, the engine in its own process, and what happens when it fails."""

import hashlib
import json
import os
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedao.catalog.reading import read_pack
from jiedao.catalog.store import shipped_packs
from jiedao.voice import g711
from jiedao.voice.errors import BrokenVoice, SpeechUnavailable
from jiedao.voice.match import likeness
from jiedao.voice.speech import (
    EspeakEngine,
    Speech,
    for_loudspeaker,
    kept_clip,
    loud,
    resample,
)
from jiedao.voice.wav import BadWav, alaw_wav, pcm_wav, read_wav

LEAVE = "桥下水深危险，请立即离开水边。"


class FakeEngine:
    """Says a tone as long as the text, and counts how often it was asked."""

    name = "fake"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def render(self, text: str, voice: str) -> g711.Pcm:
        self.asked.append(text)
        return np.full(800 * len(text), 1000, np.int16)

    def close(self) -> None:
        pass


def test_a_kept_phrase_is_spoken_without_any_engine() -> None:
    sound = Speech(engine=None).say(LEAVE)
    assert 2.0 < len(sound) / g711.RATE_HZ < 8.0
    assert np.abs(sound).max() > 25_000


def test_other_words_without_an_engine_are_refused_with_what_to_do() -> None:
    with pytest.raises(SpeechUnavailable) as refused:
        Speech(engine=None).say("没有录过的话")
    assert "speech" in refused.value.in_words("zh-CN")


def test_the_engine_is_asked_once_for_the_same_words_in_spoken_form(tmp_path: Path) -> None:
    engine = FakeEngine()
    first = Speech(engine, tmp_path).say("水位3.25米")
    again = Speech(engine, tmp_path).say("水位 3.25 米")
    assert engine.asked == ["水位三点二五米"]
    assert np.array_equal(first, again)


def test_a_damaged_file_in_the_cache_is_made_again(tmp_path: Path) -> None:
    engine = FakeEngine()
    Speech(engine, tmp_path).say("走")
    (path,) = tmp_path.glob("*.wav")
    path.write_bytes(path.read_bytes()[:50])
    assert len(Speech(engine, tmp_path).say("走")) == 800
    assert len(engine.asked) == 2


def test_the_real_engine_speaks_mandarin_in_its_own_process() -> None:
    engine = EspeakEngine()
    try:
        sound = engine.render("水边危险，请立即离开", "cmn")
        assert 1.5 < len(sound) / g711.RATE_HZ < 5.0
        assert engine.version.startswith("1.52")
        assert "espeakng_loader" not in sys.modules, "the core never loads the GPL engine"
    finally:
        engine.close()


def test_a_voice_that_spells_hanzi_in_english_is_refused() -> None:
    engine = EspeakEngine()
    try:
        for voice in ("hak", "no-such-voice"):
            with pytest.raises(BrokenVoice):
                engine.render("水边危险", voice)
        assert len(engine.render("水边危险", "cmn")) > 0, "and the others still speak"
    finally:
        engine.close()


def test_an_engine_that_dies_is_started_again(tmp_path: Path) -> None:
    script = tmp_path / "engine.py"
    script.write_text(
        "import os, sys, pathlib\n"
        "line = sys.stdin.readline()\n"
        f"flag = pathlib.Path({str(tmp_path / 'died')!r})\n"
        "if not flag.exists(): flag.touch(); os._exit(9)\n"
        'sys.stdout.buffer.write(b\'{"rate_hz": 8000, "samples": 2, "version": "1"}\\n\')\n'
        "sys.stdout.buffer.write(b'\\x00\\x40\\x00\\x40'); sys.stdout.flush(); sys.stdin.read()\n"
    )
    engine = EspeakEngine((sys.executable, str(script)))
    try:
        assert len(engine.render("水", "cmn")) == 2
    finally:
        engine.close()


def test_an_engine_that_always_dies_is_a_refusal() -> None:
    engine = EspeakEngine((sys.executable, "-c", "raise SystemExit"))
    with pytest.raises(SpeechUnavailable):
        engine.render("水", "cmn")
    engine.close()


def test_every_kept_clip_names_its_words_and_is_unchanged() -> None:
    folder = resources.files("jiedao.voice") / "clips"
    listing = json.loads((folder / "clips.json").read_text("utf-8"))
    assert listing["source"].startswith("eSpeak NG 1.52")
    for clip in listing["clips"]:
        data = (folder / clip["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == clip["sha256"]
        assert kept_clip(clip["text"]) is not None


def test_every_phrase_of_the_packs_has_a_clip() -> None:
    missing = [
        phrase.text
        for file in shipped_packs()
        for phrase in read_pack(file).phrases.values()
        if kept_clip(phrase.text) is None
    ]
    assert missing == [], "make phrases"


def test_the_wake_tone_is_soft_and_the_words_follow_at_their_volume() -> None:
    words = np.full(8000, 20_000, np.int16)
    sent = for_loudspeaker(words, 0.5, wake_s=0.2)
    assert np.abs(sent[:1600]).max() <= 300
    assert set(sent[1600:9600]) == {10_000}
    assert not sent[9600:].any()


def test_a_tone_keeps_its_pitch_when_it_is_resampled_and_none_folds_down() -> None:
    at = np.arange(22_050) / 22_050
    speech = 8000 * np.sin(2 * np.pi * 1000 * at)
    hiss = 8000 * np.sin(2 * np.pi * 7000 * at)
    there = resample((speech + hiss).astype(np.int16), 22_050)
    wanted = 8000 * np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    assert len(there) == 8000
    assert likeness(wanted.astype(np.int16), np.rint(there).astype(np.int16)) > 0.999


def test_silence_stays_silence() -> None:
    assert len(loud(np.zeros(8000))) == 0
    assert len(resample(np.zeros(0, np.int16), 22_050)) == 0


@given(st.binary(max_size=80))
def test_no_bytes_upset_the_reader_of_clips(data: bytes) -> None:
    for start in (b"", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0"):
        with pytest.raises(BadWav):
            read_wav(start + data + b"\0\0\0\0x")


def test_sound_survives_both_kinds_of_file() -> None:
    sound = (np.sin(np.arange(801)) * 20_000).astype(np.int16)
    assert np.array_equal(read_wav(pcm_wav(sound)), sound)
    assert np.array_equal(read_wav(alaw_wav(sound)), g711.decode(g711.encode(sound)))


def test_the_engines_process_ends_with_its_pipe() -> None:
    engine = EspeakEngine()
    engine.render("水", "cmn")
    child = engine._child
    assert child is not None
    engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)
