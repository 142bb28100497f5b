import io

import pytest
from PIL import Image

from geventim.client.said.aside import read_aside
from geventim.client.said.thumbnail import LARGEST, is_small
from geventim.client.sealing.content import Content, ContentKind, File


def jpeg(width=9, height=5, kind="JPEG", **how):
    made = io.BytesIO()
    Image.new("RGB", (width, height)).save(made, kind, **how)
    return made.getvalue()


@pytest.mark.parametrize(
    "how", [{}, {"progressive": True}, {"optimize": True}, {"exif": b"Exif\0\0x"}, {"dpi": (9, 9)}]
)
def test_what_is_made_here_and_elsewhere_is_one(how):
    assert is_small(jpeg(**how))
    assert is_small(jpeg(LARGEST, LARGEST, **how))


def resized(width, height):
    """One that says it is of another size than it is."""
    whole, at = bytearray(jpeg()), jpeg().index(b"\xff\xc0")
    whole[at + 5 : at + 9] = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return bytes(whole)


@pytest.mark.parametrize(
    "size", [(65_535, 65_535), (LARGEST + 1, 1), (1, LARGEST + 1), (0, 5), (5, 0)]
)
def test_none_is_larger_than_it_may_be(size):
    assert is_small(resized(9, 5))
    assert not is_small(resized(*size))


def test_none_has_two_sizes():
    whole = jpeg()
    frame = whole[whole.index(b"\xff\xc0") : whole.index(b"\xff\xc4")]
    assert not is_small(whole.replace(frame, frame + frame))


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xda",
        jpeg(kind="PNG"),
        jpeg(kind="GIF"),
        b"<svg onload=alert(1)>",
        b"\xff\xd8\xff\xe0\0\0" * 999,
        jpeg()[:40],
        b"x" + jpeg(),
    ],
)
def test_what_is_none_is_none(picture):
    assert not is_small(picture)


def test_a_message_is_read_without_one_that_is_none():
    files = tuple(
        File("a.png", 1, bytes(32), bytes(32), bytes(16), thumbnail=each)
        for each in (jpeg(), resized(65_535, 65_535), b"")
    )
    said = Content("bob", "look", 0.0, ContentKind.ROOM, files=files)
    assert [bool(each.thumbnail) for each in read_aside(said).files] == [True, False, False]
