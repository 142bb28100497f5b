"""Small pictures, and decoders that somebody has taken over."""

import io
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from geventim.app.files import pictures, thumbnailer
from geventim.app.files.raster import Raster
from geventim.client.files.disk import NO_PICTURE

EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
"""That says that the picture lies on its side."""

DECODER = """
import runpy, sys, types
def opened(file, formats):
    if file.getvalue() != b"ours":
        {evil}
    return Picture()
class Picture:
    format = "PNG"
    size = (3, 2)
    getexif = lambda self: {{}}
    draft = thumbnail = lambda self, *_: None
    convert = copy = resize = lambda self, *_: self
    tobytes = lambda self: bytes(18)
    def save(self, file, kind, **__):
        file.write(b"\\xff\\xd8\\xff" + {pixels} if __ else b"ours")
image, turned = types.ModuleType("PIL.Image"), types.ModuleType("PIL.ImageOps")
image.new = lambda *_: Picture()
image.open, image.MIME = opened, {{"PNG": {mime!r}}}
turned.exif_transpose = lambda picture: picture
sys.modules.update({{"PIL": types.ModuleType("PIL"), "PIL.Image": image, "PIL.ImageOps": turned}})
runpy.run_path({program!r}, run_name="__main__")
"""
"""Runs the program with another decoder."""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.effect_noise((1600, 900), 90).convert("RGB").save(path)
    return path


def decoder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    evil: str = "pass",
    pixels: str = "b''",
    mime: str = "image/png",
) -> None:
    """Have what is ``evil`` done when a picture is opened."""
    program = tmp_path / "decoder.py"
    text = DECODER.format(evil=evil, pixels=pixels, mime=mime, program=thumbnailer.__file__)
    program.write_text(text)
    monkeypatch.setattr(thumbnailer, "__file__", str(program))


def test_a_picture_has_a_small_one(picture: Path) -> None:
    seen = pictures.look_at(str(picture))
    assert (seen.type, seen.width, seen.height) == ("image/png", 1600, 900)
    assert 0 < len(seen.thumbnail) <= thumbnailer.MOST
    small = picture.with_suffix(".small")
    small.write_bytes(seen.thumbnail)
    with Image.open(small) as opened:
        assert (opened.format, max(opened.size) <= 192) == ("JPEG", True)


@pytest.mark.parametrize("ending", ["jpg", "gif", "webp"])
def test_every_format_that_can_be_shown(picture: Path, ending: str) -> None:
    other = picture.with_suffix(f".{ending}")
    with Image.open(picture) as opened:
        opened.save(other)
    seen = pictures.look_at(str(other))
    assert (seen.width, seen.height, seen.type[:6]) == (1600, 900, "image/")


def test_one_that_lies_on_its_side_is_turned_and_says_nothing_else(picture: Path) -> None:
    other = picture.with_suffix(".jpg")
    with Image.open(picture) as opened:
        opened.save(other, exif=EXIF)
    seen = pictures.look_at(str(other))
    assert (seen.width, seen.height) == (900, 1600)
    assert b"Exif" not in seen.thumbnail


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", bytes(100_000)])
def test_what_is_no_picture_has_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert pictures.look_at(str(path)) == NO_PICTURE


def test_what_cannot_be_opened_has_none(tmp_path: Path) -> None:
    assert pictures.look_at(str(tmp_path / "nothing.png")) == NO_PICTURE
    assert pictures.look_at(str(tmp_path)) == NO_PICTURE


def chunk(kind: bytes, data: bytes) -> bytes:
    digest = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", digest)


def test_one_that_says_it_is_enormous_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(9_999))))
    assert pictures.look_at(str(path)) == NO_PICTURE


def test_a_decoder_that_does_what_it_should(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder(tmp_path, monkeypatch)
    seen = pictures.look_at(str(picture))
    assert (seen.width, seen.thumbnail) == (3, pictures.JPEG)
    assert pictures.sample(b"theirs") == Raster(3, 2, bytes(18))


@pytest.mark.parametrize(
    "evil",
    [
        "import os; os.abort()",
        "bytearray(4 * 2**30)",
        "open('/etc/hostname')",
        "import os; os.read(os.open('/dev/null', os.O_WRONLY), 1)",
        "import socket; socket.socket()",
        "import sys; sys.stdout.buffer.write(bytes(10**6))",
        "import sys; sys.stdout.buffer.write(b'[' * 5000 + b'\\n')",
    ],
)
def test_a_decoder_that_does_something_else_costs_the_small_picture(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch, evil: str
) -> None:
    decoder(tmp_path, monkeypatch, evil)
    assert pictures.look_at(str(picture)) == NO_PICTURE


@pytest.fixture
def landlock() -> None:
    """A kernel that has it."""
    there = thumbnailer.landlock()
    if not there and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip("this kernel has no Landlock; boot it with lsm=landlock, or a newer one")
    assert there


@pytest.mark.usefixtures("landlock")
@pytest.mark.parametrize(
    "evil",
    [
        "os.unlink({path!r})",
        "os.rename({path!r}, {path!r} + '2')",
        "os.replace({path!r} + '.other', {path!r})",
        "os.rmdir({path!r} + '.empty')",
        "os.mkdir({path!r} + '2')",
        "os.symlink('/', {path!r} + '2')",
        "os.link({path!r}, {path!r} + '2')",
        "os.mkfifo({path!r} + '2')",
        "os.truncate({path!r}, 0)",
        "os.kill(os.getppid(), 0)",
        "os.execv('/bin/true', ['true'])",
    ],
)
def test_a_decoder_that_was_taken_over_changes_nothing(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch, evil: str
) -> None:
    if "kill" in evil and thumbnailer.landlock() < 6:
        return  # it knows nothing of signals
    place = tmp_path / "theirs"
    place.mkdir()
    path = place / "letter"
    for each in (path, place / "letter.other"):
        each.write_text(each.name)
    (place / "letter.empty").mkdir()
    # It says by what it prints whether it has done that; then the file is its own witness.
    does = evil.format(path=str(path))
    decoder(tmp_path, monkeypatch, f"import os; {does}; image.MIME['PNG'] = 'done'")
    before = sorted(place.iterdir())
    assert pictures.look_at(str(picture)) == NO_PICTURE
    assert sorted(place.iterdir()) == before
    assert path.read_text() == "letter"


@pytest.mark.usefixtures("landlock")
def test_one_that_cannot_be_shut_in_sees_nothing(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnailer, "__file__", str(tmp_path / "program.py"))
    text = Path(pictures.__file__).with_name("thumbnailer.py").read_text()
    Path(thumbnailer.__file__).write_text(
        text.replace("RESTRICT_SELF = 444, 446", "RESTRICT_SELF = 444, 9999")
    )
    assert pictures.look_at(str(picture)) == NO_PICTURE


def test_without_it_there_is_a_small_one_all_the_same(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnailer, "__file__", str(tmp_path / "program.py"))
    text = Path(pictures.__file__).with_name("thumbnailer.py").read_text()
    Path(thumbnailer.__file__).write_text(
        text.replace("RESTRICT_SELF = 444, ", "RESTRICT_SELF = 9999, ")
    )
    assert pictures.look_at(str(picture)).thumbnail


@pytest.mark.parametrize("evil", ["while True: pass", "import time; time.sleep(1000)"])
def test_a_decoder_that_hangs_is_ended(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch, evil: str
) -> None:
    decoder(tmp_path, monkeypatch, evil)
    started: list[int] = []

    def spawn(*words: Any, **actions: Any) -> int:
        started.append(os.posix_spawn(*words, **actions))
        return started[-1]

    monkeypatch.setattr(pictures, "_spawn", spawn)
    assert pictures.look_at(str(picture), patience=1.0) == NO_PICTURE
    (decoding,) = started
    with pytest.raises(ChildProcessError):
        os.waitpid(decoding, os.WNOHANG)


@pytest.mark.parametrize(
    ("pixels", "mime"),
    [("bytes(9000)", "image/png"), ("b''", "x" * 200)],
)
def test_what_makes_no_sense_is_not_believed(
    tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch, pixels: str, mime: str
) -> None:
    decoder(tmp_path, monkeypatch, pixels=pixels, mime=mime)
    assert pictures.look_at(str(picture)) == NO_PICTURE


def test_without_the_library_nothing_is_run(picture: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda _: None)
    monkeypatch.setattr(pictures, "_run", lambda *_: pytest.fail("it was run"))
    assert pictures.look_at(str(picture)) == NO_PICTURE
    assert pictures.sample(JPEG) is None


def jpeg(width: int, height: int, colour: str = "red", mode: str = "RGB") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), colour).convert(mode).save(made, "JPEG", quality=90)
    return made.getvalue()


JPEG = jpeg(192, 96)


@pytest.mark.parametrize(
    ("size", "cells"),
    [((192, 96), (32, 16)), ((10, 192), (1, 24)), ((192, 90), (32, 16)), ((1, 1), (1, 2))],
)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_small_picture_is_sampled(
    size: tuple[int, int], cells: tuple[int, int], mode: str
) -> None:
    seen = pictures.sample(jpeg(*size, colour="white", mode=mode))
    assert seen is not None
    assert (seen.width, seen.height) == cells
    assert seen.colour(0, 0) == seen.colour(cells[0] - 1, cells[1] - 1) == 0xFFFFFF


def test_a_fine_one_has_more_pixels() -> None:
    seen = pictures.sample(jpeg(192, 96, colour="white"), fine=True)
    assert seen is not None
    assert (seen.width, seen.height) == (128, 64)
    assert seen.colour(127, 63) == 0xFFFFFF


def test_colours_are_those_of_the_picture() -> None:
    seen = pictures.sample(JPEG)
    assert seen is not None
    red, green, blue = seen.colour(5, 5).to_bytes(3, "big")
    assert red > 240
    assert max(green, blue) < 15


@pytest.mark.parametrize(
    "thumbnail",
    [
        b"",
        JPEG[:300],
        b"GIF89a" + bytes(500),
        b"\xff\xd8\xff" + bytes(8_000),
        JPEG + bytes(9_000),
        # One of 60,000 by 60,000 pixels, as it says itself.
        JPEG.replace(struct.pack(">HH", 96, 192), struct.pack(">HH", 60_000, 60_000)),
        JPEG.replace(struct.pack(">HH", 96, 192), struct.pack(">HH", 0, 192)),
    ],
)
def test_a_small_picture_that_is_none_is_not_shown(thumbnail: bytes) -> None:
    assert pictures.sample(thumbnail) is None


def test_a_picture_of_another_kind_is_not_sampled() -> None:
    made = io.BytesIO()
    Image.new("RGB", (9, 9)).save(made, "PNG")
    assert pictures.sample(made.getvalue()) is None


@pytest.mark.parametrize(
    "evil",
    [
        "import os; os.abort()",
        "bytearray(4 * 2**30)",
        "open('/etc/hostname')",
        "import socket; socket.socket()",
        "import sys; sys.stdout.buffer.write(bytes(10**6))",
        "import sys; sys.stdout.buffer.write(bytes([200, 200]) + bytes(120_000))",
        "import sys; sys.stdout.buffer.write(bytes([2, 3]) + bytes(18))",
        "import sys; sys.stdout.buffer.write(bytes([2, 2]) + bytes(13))",
        "import sys; sys.stdout.buffer.write(bytes([0, 2]))",
    ],
)
def test_a_decoder_that_others_have_taken_over_shows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evil: str
) -> None:
    decoder(tmp_path, monkeypatch, f"{evil}; sys.stdout.flush(); os._exit(0)")
    assert pictures.sample(JPEG) is None
