# SPDX-License-Identifier: Apache-2.0
"""One slot for an object detector in ONNX. Without one, every rule works on moving objects.

The layout is recognised from the graph. Known now: YOLOX as exported raw: input `1x3xHxW`
float32, BGR 0..255, scaled to fit the top left corner and padded with 114; output one row per
grid cell of strides 8, 16 and 32: centre offset, log size, objectness, class scores (both already
through the sigmoid).
"""

import json
import re
from math import ceil
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from jiedao.vision.errors import ModelIdentifies, ModelLayoutUnknown, ModelUnreadable
from jiedao.vision.onnx_graph import with_free_size
from jiedao.vision.planes import resized
from jiedao.vision.values import Detection, Image

STRIDES: Final = (8, 16, 32)
PAD: Final = 114  # Grey of the model's training recipe.
OVERLAP: Final = 0.45  # Boxes of one class that share more than this are one object.
SAME_BODY: Final = 0.7  # The same for boxes of different classes: a van is no car beside it.
SLIGHT: Final = 0.2  # Boxes that share less have nothing to do with each other.
LEAST_SCORE: Final = 0.25
LEAST_SIDE: Final = 96  # Below this an input has too little around an object.
LARGEST_FILE: Final = 512 * 1024 * 1024
KNOWN: Final = "YOLOX (1x3xHxW → 1xNx(5+classes))"

_COCO_NAMES: Final = """
person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant stop_sign
parking_meter bench bird cat dog horse sheep cow elephant bear zebra giraffe backpack umbrella
handbag tie suitcase frisbee skis snowboard sports_ball kite baseball_bat baseball_glove skateboard
surfboard tennis_racket bottle wine_glass cup fork knife spoon bowl banana apple sandwich orange
broccoli carrot hot_dog pizza donut cake chair couch potted_plant bed dining_table toilet tv laptop
mouse remote keyboard cell_phone microwave oven toaster sink refrigerator book clock vase scissors
teddy_bear hair_drier toothbrush
"""
COCO: Final = tuple(_COCO_NAMES.split())

# Models that say who somebody is are refused by name, whatever their layout.
_IDENTIFYING_WORDS: Final = """
face faces facial facenet arcface retinaface blazeface yunet scrfd adaface cosface sphereface
insightface plate plates lpr lprnet alpr anpr licenseplate licenceplate reid osnet gait iris
fingerprint voiceprint 人脸 车牌 步态 身份
"""
IDENTIFYING: Final = frozenset(_IDENTIFYING_WORDS.split())


_ORT_ERRORS: Final = (
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
    onnxruntime.capi.onnxruntime_pybind11_state.NoSuchFile,
    onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented,
    onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException,
)


class OnnxDetector:
    """A YOLOX detector. Safe for one thread at a time."""

    def __init__(self, model: bytes, side: tuple[int, int], classes: tuple[str, ...]) -> None:
        self._side = side
        self._classes = classes
        self._flexible, self._session = _flexible_session(model)
        self._input = self._session.get_inputs()[0].name
        self._grids: dict[tuple[int, int], NDArray[np.float32]] = {}

    @property
    def classes(self) -> tuple[str, ...]:
        return self._classes

    def cost_px(self, width: int, height: int) -> int:
        """How many input pixels a run on a picture of this size takes; time goes with it."""
        tall, wide = self._size_for(height, width)
        return tall * wide

    def find(self, image: Image) -> list[Detection]:
        """Everything known in the picture.

        Args:
            image: uint8, (height, width, 3), BGR, any size. A picture smaller than the model's
                input is run at its own size, one that is larger is scaled down.
        """
        size = self._size_for(image.shape[0], image.shape[1])
        square, scale = letterbox(image, size)
        rows = self._session.run(None, {self._input: square})[0][0]
        grid = self._grid(size)
        if len(rows) != len(grid):
            raise ValueError("the graph does not follow its input size")
        likely = np.flatnonzero(rows[:, 4] >= LEAST_SCORE)  # No class score is above 1.
        rows, grid = rows[likely], grid[likely]
        scores = rows[:, 4:5] * rows[:, 5:]
        best = scores.argmax(axis=1)
        score = scores[np.arange(len(best)), best]
        chosen = np.flatnonzero(score >= LEAST_SCORE)
        if not len(chosen):
            return []
        boxes = _boxes(rows[chosen], grid[chosen]) / scale
        kept = _without_doubles(boxes, score[chosen], best[chosen])
        height, width = image.shape[:2]
        np.clip(boxes[:, 0::2], 0, width, out=boxes[:, 0::2])
        np.clip(boxes[:, 1::2], 0, height, out=boxes[:, 1::2])
        return [
            Detection(
                (float(boxes[k, 0]), float(boxes[k, 1]), float(boxes[k, 2]), float(boxes[k, 3])),
                self._classes[int(best[chosen[k]])],
                float(score[chosen[k]]),
            )
            for k in kept
        ]

    def _size_for(self, height: int, width: int) -> tuple[int, int]:
        """Input height and width for a picture of this size."""
        if not self._flexible:
            return self._side
        scale = min(1.0, max(self._side) / max(height, width))
        return _cells(height * scale), _cells(width * scale)

    def _grid(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """Column, row and stride of each cell of an input of this (height, width)."""
        if size not in self._grids:
            self._grids[size] = _grid(size)
        return self._grids[size]


def _cells(side: float) -> int:
    """The least side of an input, in px, that holds this many."""
    largest = STRIDES[-1]
    return max(LEAST_SIDE, ceil(side / largest - 1e-6) * largest)


def _grid(size: tuple[int, int]) -> NDArray[np.float32]:
    parts = [
        np.stack(
            [
                *np.meshgrid(np.arange(size[1] // stride), np.arange(size[0] // stride)),
                np.full((size[0] // stride, size[1] // stride), stride),
            ],
            axis=-1,
        ).reshape(-1, 3)
        for stride in STRIDES
    ]
    return np.concatenate(parts).astype(np.float32)


def _boxes(rows: NDArray[np.float32], cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Left, top, right, bottom in pixels of the input."""
    stride = cells[:, 2:3]
    centre = (rows[:, :2] + cells[:, :2]) * stride
    half = np.exp(np.minimum(rows[:, 2:4], 10)) * stride / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def _flexible_session(model: bytes) -> tuple[bool, Any]:
    """A session that takes any input size; one of its own size if the graph has it built in."""
    other = LEAST_SIDE, LEAST_SIDE * 2
    try:
        session = _session(with_free_size(model))
        rows = session.run(None, {session.get_inputs()[0].name: np.zeros((1, 3, *other), "f4")})
        if rows[0].shape[1] == len(_grid(other)):
            return True, session
    except (ValueError, *_ORT_ERRORS):
        pass
    return False, _session(model)


def _session(model: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def letterbox(image: Image, side: tuple[int, int]) -> tuple[NDArray[np.float32], float]:
    """Fit a picture into the model's input, keeping its proportions.

    Returns:
        float32, (1, 3, *side), BGR 0..255, picture at the top left, rest PAD; and the scale in
        input px per picture px, at most 1.
    """
    height, width = image.shape[:2]
    scale = min(1.0, side[0] / height, side[1] / width)
    size = (min(side[1], round(width * scale)), min(side[0], round(height * scale)))
    fitted = image if scale == 1.0 else resized(image, size)
    square = np.full((1, 3, *side), PAD, np.float32)
    square[0, :, : size[1], : size[0]] = fitted.transpose(2, 0, 1)
    return square, scale


def _without_doubles(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], classes: NDArray[np.intp]
) -> list[int]:
    """Indices of the best box of each object, best first (non-maximum suppression)."""
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    order = np.argsort(-scores)
    kept: list[int] = []
    while len(order):
        first, rest = order[0], order[1:]
        kept.append(int(first))
        low = np.maximum(boxes[first, :2], boxes[rest, :2])
        high = np.minimum(boxes[first, 2:], boxes[rest, 2:])
        common = np.prod(np.clip(high - low, 0, None), axis=1)
        iou = common / np.maximum(areas[first] + areas[rest] - common, 1e-6)
        other = classes[rest] != classes[first]
        apart = (iou <= OVERLAP) | (other & (iou <= SAME_BODY))
        # A weak box over a strong one is mostly the same object, badly cut.
        sure = scores[rest] * (1 - iou) >= LEAST_SCORE
        order = rest[apart & (sure | (iou <= SLIGHT))]
    return kept


def load_detector(path: Path | str) -> OnnxDetector:
    """Read a detector from an ONNX file.

    A file `NAME.json` beside `NAME.onnx` may give its classes: `{"classes": ["person", …]}`.
    Without it, 80 classes are taken to be those of COCO.

    Raises:
        ModelUnreadable: no file, or no ONNX graph in it.
        ModelIdentifies: the model is for faces, plates or other identities.
        ModelLayoutUnknown: inputs or outputs fit no known layout, or the classes have no names.
    """
    path = Path(path)
    _refuse_identifying(path.name, path.stem)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ModelUnreadable(file=path.name, why="> 512 MiB")
        model = path.read_bytes()
    except OSError as error:
        raise ModelUnreadable(file=str(path), why=error.strerror or str(error)) from error
    try:
        session: Any = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    except _ORT_ERRORS as error:
        why = str(error).split("\n", 1)[0][:120]
        raise ModelUnreadable(file=path.name, why=why) from error
    side, count = _yolox_layout(path.name, session)
    classes = _class_names(path, count)
    _refuse_identifying(path.name, *classes)
    try:
        detector = OnnxDetector(model, side, classes)
        detector.find(np.zeros((side[0], side[1], 3), np.uint8))
    except (ValueError, *_ORT_ERRORS) as error:
        raise ModelLayoutUnknown(file=path.name, found=str(error)[:120], known=KNOWN) from error
    return detector


def _yolox_layout(file: str, session: Any) -> tuple[tuple[int, int], int]:
    """Input height and width, and number of classes; refused if the graph is not YOLOX's."""
    meta = session.get_modelmeta()
    _refuse_identifying(
        file,
        meta.description,
        meta.graph_name,
        meta.producer_name,
        *(f"{key} {value}" for key, value in meta.custom_metadata_map.items()),
        *(part.name for part in (*session.get_inputs(), *session.get_outputs())),
    )
    inputs = [(part.type, list(part.shape)) for part in session.get_inputs()]
    outputs = [(part.type, list(part.shape)) for part in session.get_outputs()]
    unknown = ModelLayoutUnknown(file=file, found=f"{inputs} → {outputs}"[:300], known=KNOWN)
    if len(inputs) != 1 or len(outputs) != 1 or inputs[0][0] != "tensor(float)":
        raise unknown
    shape, rows = inputs[0][1], outputs[0][1]
    if len(shape) != 4 or shape[1] != 3 or len(rows) != 3:
        raise unknown
    # A free size is run at the size that the layout is mostly trained for.
    height, width = (size if isinstance(size, int) else 416 for size in shape[2:])
    cells = sum((height // stride) * (width // stride) for stride in STRIDES)
    if height % 32 or width % 32 or not isinstance(rows[2], int) or rows[2] < 6:
        raise unknown
    if isinstance(rows[1], int) and rows[1] != cells:
        raise unknown
    return (height, width), rows[2] - 5


def _class_names(path: Path, count: int) -> tuple[str, ...]:
    names: object = None
    card = path.with_suffix(".json")
    if card.is_file():
        try:
            names = json.loads(card.read_text("utf-8")).get("classes")
        except (OSError, ValueError, AttributeError) as error:
            raise ModelUnreadable(file=card.name, why=str(error)) from error
    if names is None and count == len(COCO):
        return COCO
    if not isinstance(names, list) or len(names) != count:
        given = len(names) if isinstance(names, list) else 0
        raise ModelLayoutUnknown(
            file=path.name,
            found=f"{count} classes, {given} names in {card.name}",
            known=KNOWN,
        )
    return tuple(str(name) for name in names)


def _refuse_identifying(file: str, *texts: str) -> None:
    for text in texts:
        for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[\u4e00-\u9fff]{2}", text):
            if word.lower() in IDENTIFYING:
                raise ModelIdentifies(file=file, word=word)
        for word in re.findall(r"[a-z]+", text.lower()):
            if word in IDENTIFYING:
                raise ModelIdentifies(file=file, word=word)
