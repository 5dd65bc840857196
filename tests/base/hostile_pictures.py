# SPDX-License-Identifier: Apache-2.0
"""Hostile picture files, made on the spot: bombs, cuts, disguises, moving ones, planted notes."""

import io
import random
import struct
import zlib
from collections.abc import Iterator

from PIL import Image, PngImagePlugin
from PIL.ExifTags import IFD

#: Planted wherever a picture has room for words; it must be nowhere in what is kept.
MARKER = b"MARKER-7f3a"
SCRIPT = b"<script>alert('" + MARKER + b"')</script>"


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def a_picture(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


def png(width: int, height: int, *, depth: int = 8, colour: int = 0, rows: bytes = b"") -> bytes:
    """A PNG by hand, with any size in its header."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [("IHDR", header), ("IDAT", zlib.compress(rows, 9)), ("IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def chunk(kind: str, data: bytes) -> bytes:
    body = kind.encode() + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def jpeg_with(marker: int, data: bytes) -> bytes:
    """A JPEG with a segment put after its start."""
    plain = encoded(a_picture(), "JPEG")
    segment = bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data
    return plain[:2] + segment + plain[2:]


def refused() -> Iterator[tuple[str, bytes]]:
    """Files that must not become pictures."""
    yield "empty", b""
    yield "one byte", b"\xff"
    yield "zeros", bytes(5000)
    yield "noise", random.Random(1).randbytes(5000)  # noqa: S311
    yield "text", b"hello " * 500
    yield "page", b"<!doctype html>" + SCRIPT
    yield "svg", b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n"
    yield "pdf", b"%PDF-1.4\n1 0 obj\n"
    yield "gif", encoded(a_picture(mode="P"), "GIF")
    yield "gif with a jpeg's name for itself", b"GIF89a" + encoded(a_picture(), "JPEG")
    yield "tiff", encoded(a_picture(), "TIFF")
    yield "bmp", encoded(a_picture(), "BMP")
    yield "ico", encoded(a_picture(64, 64), "ICO")
    yield "icns header", b"icns\x00\x00\x00\x10ic07\x00\x00\x00\x08"
    yield "pcx header", b"\x0a\x05\x01\x08" + bytes(124)
    yield "zip", b"PK\x03\x04" + bytes(100)
    yield "elf", b"\x7fELF" + bytes(100)
    yield "png header only", b"\x89PNG\r\n\x1a\n"
    yield "png 65,000 square", png(65_000, 65_000, rows=bytes(100))
    yield "png 900 megapixels of nothing", png(30_000, 30_000, depth=1, rows=bytes(3751) * 3000)
    yield "png 51 megapixels", png(8_500, 6_000, depth=1, rows=bytes(1064) * 6000)
    yield "png 12,001 wide", png(12_001, 1, rows=bytes(12_002))
    yield "png 1 wide, 4 thousand million high", png(1, 2**31 - 1, rows=bytes(100))
    yield "png of no size", png(0, 0)
    yield "png with a wrong checksum", _spoilt(encoded(a_picture(), "PNG"), 20)
    yield "png without pixels", png(200, 200)
    yield "png with half its pixels", encoded(a_picture(), "PNG")[:-200]
    yield "png with a text bomb", _text_bomb()
    yield "png with an unknown colour type", png(10, 10, colour=9, rows=bytes(110))
    yield "png with nested checks", png(10, 10, depth=77, rows=bytes(110))
    yield "apng", _moving("PNG")
    yield "moving webp", _moving("WEBP")
    yield "webp with a broken body", encoded(a_picture(), "WEBP")[:60]
    yield "webp header only", b"RIFF\x00\x00\x00\x00WEBPVP8 "
    yield "jpeg start only", b"\xff\xd8\xff"
    yield "jpeg cut in the header", encoded(a_picture(), "JPEG")[:150]
    yield "jpeg cut in the picture", encoded(a_picture(600, 400), "JPEG")[:3000]
    yield "jpeg with 65,000 in its header", _resized_jpeg(65_000, 65_000)
    yield "jpeg with no height", _resized_jpeg(100, 0)
    yield "jpeg with wild tables", jpeg_with(0xDB, bytes([0x13]) * 40)
    yield "jpeg with a wild frame", jpeg_with(0xC0, bytes([8, 0, 10, 0, 10, 200]) + bytes(12))


def taken() -> Iterator[tuple[str, bytes]]:
    """Honest pictures, and pictures with something planted; only the pixels may remain."""
    exif = Image.Exif()
    exif[0x010E] = MARKER.decode()
    exif.get_ifd(IFD.GPSInfo)[0x001D] = MARKER.decode()
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", MARKER.decode())
    notes.add_itxt("XML:com.adobe.xmp", MARKER.decode(), zip=False)
    plain = encoded(a_picture(), "JPEG")
    yield "jpeg", plain
    yield "png", encoded(a_picture(), "PNG")
    yield "webp", encoded(a_picture(), "WEBP")
    yield "jpeg exif", encoded(a_picture(), "JPEG", exif=exif)
    yield "jpeg comment", encoded(a_picture(), "JPEG", comment=SCRIPT)
    yield "jpeg xmp", jpeg_with(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + MARKER)
    yield "jpeg iptc", jpeg_with(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + MARKER)
    yield "jpeg icc", jpeg_with(0xE2, b"ICC_PROFILE\x00\x01\x01" + MARKER)
    yield "jpeg unknown segment", jpeg_with(0xEA, MARKER * 100)
    yield "jpeg tail", plain + SCRIPT
    yield "jpeg with a zip behind it", plain + b"PK\x03\x04" + MARKER
    yield "jpeg with a second picture", _two_in_one()
    yield "jpeg with broken exif", jpeg_with(0xE1, b"Exif\x00\x00MM\x00*" + b"\xff" * 60)
    yield "cmyk jpeg", encoded(a_picture(mode="CMYK"), "JPEG", comment=MARKER)
    yield "grey jpeg", encoded(a_picture(mode="L"), "JPEG", comment=MARKER)
    yield "progressive jpeg", encoded(a_picture(), "JPEG", progressive=True, comment=MARKER)
    yield "png words", encoded(a_picture(), "PNG", pnginfo=notes)
    yield "png exif", encoded(a_picture(), "PNG", exif=exif)
    yield "png tail", encoded(a_picture(), "PNG") + SCRIPT
    yield "png with a palette", encoded(a_picture(mode="P"), "PNG", transparency=3)
    yield "png see-through", encoded(a_picture(mode="RGBA"), "PNG", pnginfo=notes)
    yield "png 16 bits", encoded(a_picture(mode="I;16"), "PNG", pnginfo=notes)
    yield "png 1 bit", encoded(a_picture(mode="1"), "PNG", pnginfo=notes)
    yield "webp exif", encoded(a_picture(), "WEBP", exif=exif)
    yield "webp xmp", encoded(a_picture(), "WEBP", xmp=MARKER)
    yield "webp see-through", encoded(a_picture(mode="RGBA"), "WEBP", lossless=True)
    yield "webp tail", encoded(a_picture(), "WEBP") + SCRIPT


def _spoilt(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


def _text_bomb() -> bytes:
    """Twenty megabytes of words in a few kilobytes."""
    bomb = chunk("zTXt", b"x\x00\x00" + zlib.compress(bytes(20_000_000), 9))
    plain = encoded(a_picture(), "PNG")
    return plain[:33] + bomb + plain[33:]


def _moving(kind: str) -> bytes:
    frames = [a_picture().rotate(turn) for turn in range(0, 200, 20)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def _two_in_one() -> bytes:
    """As phones write them: a photo, and a second view behind it."""
    return encoded(a_picture(), "MPO", save_all=True, append_images=[a_picture(30, 20)])


def _resized_jpeg(width: int, height: int) -> bytes:
    """A JPEG whose header lies about its size."""
    plain = encoded(a_picture(), "JPEG")
    frame = plain.index(b"\xff\xc0")
    return plain[: frame + 5] + struct.pack(">HH", height, width) + plain[frame + 9 :]
