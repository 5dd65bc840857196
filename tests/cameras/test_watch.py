# SPDX-License-Identifier: Apache-2.0
"""`jiedao watch` as a user runs it: drawn clips in, lines out, bad files named, decoders mortal."""

import json
import subprocess
import sys
from pathlib import Path

import av
import pytest

from jiedao.cameras import watch
from jiedao.cameras.clip import Order, command
from jiedao.main.cli import main
from tests.vision.scenes import HEIGHT, WIDTH, Figure, Scene

ZONES = {
    "target": "person",
    "lines": [{"name": "kerb", "points": [[0.5, 0.3], [0.5, 1.0]]}],
    "zones": [{"name": "bank", "polygon": [[0.5, 0.4], [0.9, 0.4], [0.9, 0.95], [0.5, 0.95]]}],
}


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    file = tmp_path / "zones.json"
    file.write_text(json.dumps(ZONES), "utf-8")
    return file


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds, 10 pictures a second: somebody walks from left to right."""
    file = tmp_path_factory.mktemp("clips") / "walk.mp4"
    scene = Scene([Figure([(0, 0.2, 0.7), (4, 0.8, 0.7)])], noise=1)
    with av.open(str(file), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in scene.frames(4, fps=10):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame.luma, format="gray")))
        out.mux(stream.encode(None))
    return file


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_clip_gives_its_events_as_json_lines_in_the_pictures_own_time(
    clip: Path, zones: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", str(clip), "--zones", str(zones)]) == 0
    told = lines(capfd.readouterr().out)
    assert [line["kind"] for line in told] == ["crossing", "enter"]
    crossing, enter = told
    assert crossing == {
        "t_s": pytest.approx(2.0, abs=0.4),
        "kind": "crossing",
        "line": "kerb",
        "heading": [pytest.approx(1, abs=0.05), pytest.approx(0, abs=0.2)],
    }
    assert enter == {"t_s": pytest.approx(2.0, abs=0.4), "kind": "enter", "zone": "bank"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("none.mp4", None),
        ("empty.mp4", b""),
        ("noise.mp4", bytes(range(256)) * 400),
        ("concat:a|b", None),
        ("http://127.0.0.1:1/a.mp4", None),
    ],
)
def test_what_is_no_video_is_named_in_both_languages_and_fails(
    name: str,
    content: bytes | None,
    tmp_path: Path,
    zones: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    source = name
    if content is not None:
        (tmp_path / name).write_bytes(content)
        source = str(tmp_path / name)
    assert main(["watch", source, "--zones", str(zones)]) == 1
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "不能读取" in captured.err
    assert "cannot be read" in captured.err


def test_a_clip_without_times_and_cut_short_still_tells_what_it_holds(
    clip: Path, zones: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "raw.h264"
    with av.open(str(clip)) as source, raw.open("wb") as out, av.open(out, "w", "h264") as sink:
        stream = source.streams.video[0]
        copy = sink.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                sink.mux(packet)
    data = raw.read_bytes()
    raw.write_bytes(data[: len(data) * 9 // 10])
    assert main(["watch", str(raw), "--zones", str(zones)]) == 0
    assert "crossing" in capfd.readouterr().out


def test_a_file_that_kills_the_decoder_takes_only_the_child_with_it(
    clip: Path, zones: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    told = '{"event": {"t_s": 0.4, "kind": "enter", "zone": "bank"}}'
    body = f"import os; print('{told}', flush=True); print('{{', end=''); os.kill(os.getpid(), 11)"
    monkeypatch.setattr(watch, "command", lambda _order: [sys.executable, "-c", body])
    assert main(["watch", str(clip), "--zones", str(zones)]) == 1
    captured = capfd.readouterr()
    assert lines(captured.out) == [{"t_s": 0.4, "kind": "enter", "zone": "bank"}]
    assert "SIGSEGV" in captured.err


def test_a_decoder_that_stands_still_is_ended(
    clip: Path, zones: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    endless = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    monkeypatch.setattr(watch, "command", lambda _order: endless)
    monkeypatch.setattr(watch, "SILENT_S", 0.2)
    assert main(["watch", str(clip), "--zones", str(zones)]) == 1
    assert "no progress" in capfd.readouterr().err


def test_the_child_ends_when_its_parent_is_gone(clip: Path, zones: Path) -> None:
    order = Order(str(clip), str(zones), None, 5.0, realtime=True)
    child = subprocess.Popen(
        command(order), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    child.stdin.close()
    # The bound is for a busy machine, on which loading the decoder alone takes seconds.
    assert child.wait(timeout=60) == 1
    assert child.stdout is not None
    child.stdout.close()


@pytest.mark.parametrize("fps", ["0", "-1", "nan", "1000"])
def test_an_impossible_pace_is_refused(
    fps: str, clip: Path, zones: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", str(clip), "--zones", str(zones), "--fps", fps]) == 1
    assert "--fps" in capfd.readouterr().err


def test_an_address_outside_the_camera_ranges_is_not_dialled(
    zones: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", "rtsp://192.0.2.7/live", "--zones", str(zones)]) == 1
    assert "192" not in capfd.readouterr().out


def test_a_model_that_is_no_model_is_named(
    clip: Path, zones: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"nothing of the kind")
    assert main(["watch", str(clip), "--zones", str(zones), "--model", str(model)]) == 1
    assert "model.onnx" in capfd.readouterr().err
