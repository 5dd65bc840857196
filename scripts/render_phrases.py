# SPDX-License-Identifier: Apache-2.0
"""`make phrases`: speak every phrase of the packs once and keep it as a clip, its source named."""

import hashlib
import json
import sys
from pathlib import Path

import yaml

from jiedao.voice.normalise import normalise
from jiedao.voice.speech import MANDARIN, WORDS_PER_MINUTE, EspeakEngine
from jiedao.voice.wav import alaw_wav

SERVER = Path(__file__).parents[1] / "server" / "jiedao"
CLIPS = SERVER / "voice" / "clips"


def phrases(folder: Path) -> dict[str, str]:
    """Text by code of every phrase in the packs."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        pack = yaml.safe_load(path.read_text("utf-8"))
        for code, phrase in (pack.get("phrases") or {}).items():
            found[code] = phrase["text"]
    return found


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SERVER / "catalog" / "packs"
    engine = EspeakEngine()
    known = json.loads((CLIPS / "clips.json").read_text("utf-8"))
    kept = {clip["phrase"]: clip["text"] for clip in known["clips"]}
    source = known["source"]
    clips = []
    for code, text in phrases(folder).items():
        file = CLIPS / f"{code}.wav"
        # The engine never says the same twice to the sample: a clip of the same words stays.
        if kept.get(code) != text or not file.exists():
            file.write_bytes(alaw_wav(engine.render(normalise(text), MANDARIN)))
            source = (
                f"eSpeak NG {engine.version}, voice {MANDARIN}, {WORDS_PER_MINUTE} words a minute"
            )
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        clips.append({"phrase": code, "text": text, "file": file.name, "sha256": digest})
    engine.close()
    listing = json.dumps({"source": source, "clips": clips}, ensure_ascii=False, indent=2)
    (CLIPS / "clips.json").write_text(listing + "\n", "utf-8")
    names = {clip["file"] for clip in clips}
    for old in CLIPS.glob("*.wav"):
        if old.name not in names:
            old.unlink()
    print(f"{len(clips)} clips: {source}")


if __name__ == "__main__":
    main()
