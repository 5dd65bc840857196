# SPDX-License-Identifier: Apache-2.0
"""Frees an ONNX graph's input size, so that a small crop costs a small run.

A convolutional detector works at any size that is a multiple of its stride, but exported files
have one size written into their input. Only the few bytes that say it are changed here.
"""

from collections.abc import Iterable, Iterator

# Field numbers of onnx.proto: ModelProto.graph, GraphProto.input and .output, ValueInfoProto.type,
# TypeProto.tensor_type, .shape, TensorShapeProto.dim, .dim_value, .dim_param.
_GRAPH, _INPUT, _OUTPUT = 7, 11, 12
_SHAPE_PATH = (2, 1, 2)
_DIM, _DIM_VALUE, _DIM_PARAM = 1, 1, 2

_VARINT, _BYTES = 0, 2


def with_free_size(model: bytes) -> bytes:
    """A copy of a model whose one picture input is (1, 3, any height, any width).

    The declared output shapes are dropped, because they follow from the input.

    Raises:
        ValueError: the bytes are no ONNX model.
    """
    return _join(
        _freed_graph(payload) if field == _GRAPH else (field, kind, payload)
        for field, kind, payload in _fields(model)
    )


def _freed_graph(graph: bytes | int) -> tuple[int, int, bytes | int]:
    sizes: list[int | str] = [1, 3, "height", "width"]
    parts: list[tuple[int, int, bytes | int]] = []
    for field, kind, payload in _fields(_as_bytes(graph)):
        if field == _INPUT:
            parts.append((field, kind, _reshaped(_as_bytes(payload), _SHAPE_PATH, sizes)))
        elif field == _OUTPUT:
            parts.append((field, kind, _reshaped(_as_bytes(payload), _SHAPE_PATH, None)))
        else:
            parts.append((field, kind, payload))
    return _GRAPH, _BYTES, _join(parts)


def _reshaped(message: bytes, path: tuple[int, ...], sizes: list[int | str] | None) -> bytes:
    """The message with the shape at the end of a path replaced, or left out."""
    parts: list[tuple[int, int, bytes | int]] = []
    for field, kind, payload in _fields(message):
        if field != path[0]:
            parts.append((field, kind, payload))
        elif len(path) > 1:
            parts.append((field, kind, _reshaped(_as_bytes(payload), path[1:], sizes)))
        elif sizes is not None:
            dims = ((_DIM, _BYTES, _join([_dimension(size)])) for size in sizes)
            parts.append((field, kind, _join(dims)))
    return _join(parts)


def _dimension(size: int | str) -> tuple[int, int, bytes | int]:
    if isinstance(size, int):
        return _DIM_VALUE, _VARINT, size
    return _DIM_PARAM, _BYTES, size.encode()


def _fields(message: bytes) -> Iterator[tuple[int, int, bytes | int]]:
    """Field number, wire type and payload of each field of a protobuf message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield field, kind, value
            continue
        if kind == _BYTES:
            size, at = _varint(message, at)
        else:
            size = {1: 8, 5: 4}.get(kind, -1)
        if size < 0 or at + size > len(message):
            raise ValueError("not a protobuf message")
        yield field, kind, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("not a protobuf message")


def _join(
    parts: Iterable[tuple[int, int, bytes | int]],
) -> bytes:
    out = bytearray()
    for field, kind, payload in parts:
        out += _as_varint(field << 3 | kind)
        if isinstance(payload, int):
            out += _as_varint(payload)
        else:
            if kind == _BYTES:
                out += _as_varint(len(payload))
            out += payload
    return bytes(out)


def _as_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _as_bytes(payload: bytes | int) -> bytes:
    if isinstance(payload, int):
        raise ValueError("not an ONNX model")
    return payload
