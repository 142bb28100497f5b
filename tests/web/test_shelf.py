"""Private files: who sees them, how much there is, and how they go."""

import errno
import os
import stat
from io import BytesIO

import pytest

from geventim.web import shelf as module
from geventim.web.exchange import Request, WebError
from geventim.web.shelf import FILES, Box, Shelf


def upload(data, size=None):
    size = len(data) if size is None else size
    return Request("POST", "/files", {}, size=size, body=Cut(data))


class Cut(BytesIO):
    """A body that breaks off where there is no more."""

    def read(self, size):
        data = super().read(size)
        if len(data) < size:
            raise OSError("it broke off")
        return data


def left(tmp_path):
    return [
        path for path in (tmp_path / "web").rglob("*") if path.is_file() and path.name != "lock"
    ]


def test_a_file_is_kept_where_only_its_user_sees_it(box, shelf, tmp_path):
    key = box.take("../x/é\u202e.png", upload(b"data" * 200_000))
    path = box.find(key)
    assert path.endswith("_x_é.png")
    with open(path, "rb") as file:
        assert file.read() == b"data" * 200_000
    place = tmp_path / "web"
    for directory in (place, *(each for each in place.rglob("*") if each.is_dir())):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_it_belongs_to_one_page(box, shelf):
    key = box.take("x", upload(b"1"))
    assert shelf.box().find(key) is None
    assert box.find("../" + key) is None


def test_it_goes_when_it_was_sent(box, tmp_path):
    key = box.take("", upload(b"1"))
    box.drop([key, key, "other"])
    assert box.find(key) is None
    assert left(tmp_path) == []


def test_one_that_breaks_off_leaves_nothing(box, tmp_path):
    with pytest.raises(OSError, match="broke off"):
        box.take("x", upload(b"1" * 10, 20))
    assert left(tmp_path) == []
    assert box.take("x", upload(b"1"))


def test_there_are_only_so_many_and_so_much(box):
    for _ in range(FILES):
        box.take("x", upload(b"1"))
    with pytest.raises(WebError, match="too_large"):
        box.take("x", upload(b"1"))


def test_the_bytes_of_all_count(tmp_path):
    box = Box(tmp_path, total=10)
    box.take("x", upload(b"1" * 6))
    with pytest.raises(WebError, match="too_large"):
        box.take("x", upload(b"1" * 5))
    box = Box(tmp_path, largest=3)
    with pytest.raises(WebError, match="too_large"):
        box.take("x", upload(b"1" * 4))
    with pytest.raises(WebError, match="no_length"):
        box.take("x", Request("POST", "/files", {}))


def test_a_disk_that_is_full_is_not_filled(box, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(module, "check_space", full)
    with pytest.raises(WebError, match="no_space"):
        box.take("x", upload(b"1"))
    assert left(tmp_path) == []


def test_it_is_read_in_pieces(box):
    sizes = []

    class Counting(BytesIO):
        def read(self, size):
            sizes.append(size)
            return bytes(size)

    size = 5 * module.PIECE + 1
    box.take("x", Request("POST", "/files", {}, size=size, body=Counting()))
    assert max(sizes) == module.PIECE
    assert sum(sizes) == size


def test_a_box_and_a_shelf_go_with_all_that_is_in_them(shelf, box, tmp_path):
    box.take("x", upload(b"1"))
    other = shelf.box()
    other.take("y", upload(b"1"))
    box.close()
    assert [path.name for path in left(tmp_path)] == ["y"]


def test_what_a_dead_process_has_left_is_swept_and_what_a_living_one_has_is_not(tmp_path):
    dead, alive = Shelf(tmp_path), Shelf(tmp_path)
    dead.box().take("dead", upload(b"1"))
    alive.box().take("alive", upload(b"1"))
    os.close(dead._lock)
    (tmp_path / "web" / "stray").symlink_to(tmp_path)
    third = Shelf(tmp_path)
    assert [path.name for path in left(tmp_path)] == ["alive"]
    assert tmp_path.exists()
    third.close()
    alive.close()
    assert sorted(path.name for path in (tmp_path / "web").iterdir()) == ["lock", "stray"]
