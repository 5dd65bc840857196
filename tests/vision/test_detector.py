# SPDX-License-Identifier: Apache-2.0
"""The detector slot: what is read from a graph, what is refused, and how answers join motion.

The graphs are written here byte by byte, so that no model has to be kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from jiedao.vision import Detection, Frame, Image, Kind, Watcher, ZonePlan, load_detector
from jiedao.vision.detector import letterbox
from jiedao.vision.errors import ModelIdentifies, ModelLayoutUnknown, ModelUnreadable
from jiedao.vision.onnx_graph import with_free_size
from tests.vision.scenes import HEIGHT, WIDTH, Figure, Scene

A_LINE = {"name": "kerb", "points": [[0.5, 0.3], [0.5, 1.0]]}


def part(number: int, payload: bytes | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def tensor(name: str, shape: Sequence[int]) -> bytes:
    dims = b"".join(part(1, part(1, size)) for size in shape)
    return part(1, name.encode()) + part(2, part(1, part(1, 1) + part(2, dims)))


def a_graph(
    *, side: int = 64, rows: int | None = None, classes: int = 80, name: str = "x"
) -> bytes:
    """A graph of the YOLOX layout that pools its input and says nothing is there."""
    cells = sum((side // stride) ** 2 for stride in (8, 16, 32)) if rows is None else rows
    values = np.zeros((1, cells, 5 + classes), np.float32)
    constant = (
        b"".join(part(1, size) for size in values.shape)
        + part(2, 1)
        + part(8, b"zeros")
        + part(9, values.tobytes())
    )
    node = part(1, b"zeros") + part(2, b"output") + part(4, b"Identity")
    graph = (
        part(1, node)
        + part(2, name.encode())
        + part(5, constant)
        + part(11, tensor("images", (1, 3, side, side)))
        + part(12, tensor("output", values.shape))
    )
    return part(1, 8) + part(8, part(1, b"") + part(2, 13)) + part(7, graph)


def written(folder: Path, content: bytes, name: str = "model.onnx") -> Path:
    file = folder / name
    file.write_bytes(content)
    return file


def test_the_yolox_layout_is_recognised_from_the_graph(tmp_path: Path) -> None:
    detector = load_detector(written(tmp_path, a_graph()))
    assert detector.classes[:3] == ("person", "bicycle", "car")
    assert detector.find(np.zeros((40, 60, 3), np.uint8)) == []


def test_classes_may_be_named_beside_the_model(tmp_path: Path) -> None:
    file = written(tmp_path, a_graph(classes=2))
    file.with_suffix(".json").write_text('{"classes": ["person", "boat"]}', "utf-8")
    assert load_detector(file).classes == ("person", "boat")


@pytest.mark.parametrize("graph", [a_graph(rows=7), a_graph(classes=3), a_graph(side=40)])
def test_another_layout_is_refused_with_what_was_found(tmp_path: Path, graph: bytes) -> None:
    with pytest.raises(ModelLayoutUnknown) as refusal:
        load_detector(written(tmp_path, graph))
    assert "YOLOX" in refusal.value.in_words("zh-CN")


@pytest.mark.parametrize("content", [b"", b"no model", a_graph()[:200]])
def test_what_is_no_graph_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelUnreadable):
        load_detector(written(tmp_path, content))


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreadable):
        load_detector(tmp_path / "none.onnx")


@pytest.mark.parametrize("name", ["face_detection.onnx", "RetinaFace.onnx", "plate-v2.onnx"])
def test_a_model_for_identities_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelIdentifies):
        load_detector(written(tmp_path, a_graph(), name))


def test_a_model_for_identities_is_refused_by_its_classes_and_its_graph(tmp_path: Path) -> None:
    file = written(tmp_path, a_graph(classes=2))
    file.with_suffix(".json").write_text('{"classes": ["person", "face"]}', "utf-8")
    with pytest.raises(ModelIdentifies):
        load_detector(file)
    with pytest.raises(ModelIdentifies):
        load_detector(written(tmp_path, a_graph(name="lprnet"), "b.onnx"))


def test_a_surface_is_no_face(tmp_path: Path) -> None:
    assert load_detector(written(tmp_path, a_graph(), "surface.onnx"))


def test_a_graphs_input_size_can_be_freed_and_bytes_that_are_none_are_refused() -> None:
    freed = with_free_size(a_graph(side=64))
    assert freed.count(b"images") == 1
    assert b"height" in freed
    with pytest.raises(ValueError, match="protobuf"):
        with_free_size(b"\xff\xff\xff")


def test_a_picture_is_fitted_into_the_top_left_and_the_rest_is_grey() -> None:
    image = np.full((100, 200, 3), 9, np.uint8)
    square, scale = letterbox(image, (64, 64))
    assert scale == pytest.approx(0.32)
    assert square[0, :, :32, :64].max() == 9
    assert square[0, :, 33:].min() == 114


@dataclass
class Oracle:
    """A detector that knows what it is told to, wherever it is drawn dark enough."""

    label: str = "person"
    score: float = 0.9
    asked: list[tuple[int, int]] = field(default_factory=list)

    def find(self, image: Image) -> list[Detection]:
        self.asked.append(image.shape[:2])
        dark = image[:, :, 1] < 70
        if not dark.any():
            return []
        rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
        box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        return [Detection((*map(float, box),), self.label, self.score)]  # type: ignore[arg-type]

    def cost_px(self, width: int, height: int) -> int:
        return width * height


def coloured(frame: Frame) -> Frame:
    """The same frame with a colour picture, as a decoder would hand it over."""
    return Frame(frame.luma, frame.t_s, lambda: np.repeat(frame.luma[:, :, None], 3, axis=2))


def told(scene: Scene, detector: Oracle, until_s: float, target: str) -> list[Kind]:
    watcher = Watcher(ZonePlan.parse({"lines": [A_LINE], "target": target}), detector)
    kinds: list[Kind] = []
    for frame in scene.frames(until_s):
        kinds += [event.kind for event in watcher.see(coloured(frame)).events]
    return kinds


A_WALK = Scene([Figure([(0, 0.2, 0.7), (4, 0.8, 0.7)])])


def test_what_the_detector_names_as_the_target_crosses() -> None:
    assert told(A_WALK, Oracle("person"), 4, "person") == [Kind.CROSSING]


def test_what_the_detector_names_as_something_else_does_not_cross() -> None:
    assert told(A_WALK, Oracle("dog"), 4, "person") == []


def test_what_the_detector_does_not_know_motion_still_finds() -> None:
    assert told(A_WALK, Oracle(score=0.0), 4, "person") == [Kind.CROSSING]


def test_a_poster_of_a_person_is_nobody() -> None:
    poster = Scene([Figure([(-10, 0.52, 0.7), (100, 0.52, 0.7)])])
    zone = {"name": "bank", "polygon": [[0.3, 0.3], [0.9, 0.3], [0.9, 0.95], [0.3, 0.95]]}
    watcher = Watcher(ZonePlan.parse({"zones": [zone], "target": "person"}), Oracle())
    for frame in poster.frames(8):
        sighting = watcher.see(coloured(frame))
        assert sighting.events == ()
        assert sighting.boxes == ()


def test_nobody_is_asked_about_an_empty_street_after_the_first_look() -> None:
    oracle = Oracle()
    assert told(Scene(), oracle, 10, "person") == []
    assert oracle.asked == [(HEIGHT * 416 // WIDTH, 416)]
