"""A file that is being received, and whatever else is done to it on the disk meanwhile."""

import errno
import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from geventim.app.files.disk import LocalDisk
from geventim.app.files.part import Part
from geventim.errors import DeniedError

TAG = "0123456789abcdef"


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@pytest.fixture
def local(tmp_path: Path) -> LocalDisk:
    return LocalDisk(tmp_path / "downloads")


@pytest.fixture
def part(local: LocalDisk) -> Part:
    """One of which ``data`` was received."""
    part = local.open_part("", "a", 4, "", TAG, 0)
    part.write(b"data")
    return part


def there(part: Part) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in Path(part.path).parent.iterdir()}


def test_a_part_goes_on(local: LocalDisk) -> None:
    part = local.open_part("", "a", 10, "", TAG, 0)
    part.write(b"01234")
    part.close()
    again = local.open_part("", "a", 10, part.path, TAG, 0)
    assert again.whole == 5
    assert again.read(3) == b"012"
    again.write(b"345")
    assert Path(again.finish(digest(b"012345"))).read_bytes() == b"012345"
    assert not Path(part.path).exists()
    gone = local.open_part("", "a", 10, part.path, TAG, 0)
    assert gone.whole == 0
    gone.discard()
    assert not Path(gone.path).exists()


@pytest.mark.parametrize("kind", ["pipe", "second name", "directory", "link", "socket"])
def test_a_part_whose_place_has_something_else_begins_anew(
    local: LocalDisk, tmp_path: Path, kind: str
) -> None:
    part = local.open_part("", "a", 10, "", TAG, 0)
    part.write(b"01234")
    part.close()
    place, theirs = Path(part.path), tmp_path / "theirs"
    theirs.write_bytes(b"theirs")
    place.unlink()
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "second name":
        place.hardlink_to(theirs)
    elif kind == "link":
        place.symlink_to(theirs)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(place))
    else:
        place.mkdir()
    again = local.open_part("", "a", 10, part.path, TAG, 0)
    assert again.whole == 0
    again.write(b"0123456789")
    assert Path(again.finish(digest(b"0123456789"))).read_bytes() == b"0123456789"
    assert theirs.read_bytes() == b"theirs"
    assert os.path.lexists(place)


def test_another_file_that_has_taken_its_place_is_left_alone(
    local: LocalDisk, part: Part, tmp_path: Path
) -> None:
    part.close()
    place, theirs = Path(part.path), tmp_path / "theirs"
    theirs.write_bytes(b"theirs")
    theirs.rename(place)
    again = local.open_part("", "a", 4, part.path, TAG, part.inode)
    assert (again.whole, again.path != part.path) == (0, True)
    again.write(b"more")
    again.finish(digest(b"more"))
    local.drop_part("", "a", part.path, TAG, part.inode)
    assert there(part) == {"a": b"more", place.name: b"theirs"}


@pytest.mark.parametrize("is_left", [True, False])
def test_what_has_its_name_is_found_by_what_it_is(
    local: LocalDisk, part: Part, *, is_left: bool
) -> None:
    """Not by what is in it: what the user has fetched before is another file."""
    other = local.open_part("", "a", 4, "", TAG[::-1], 0)
    other.write(b"data")
    other.finish(digest(b"data"))
    place, inode = Path(part.path), part.inode

    def find(data: bytes = b"data", size: int = 4) -> str:
        return local.find_whole("", "a", size, digest(data), str(place), inode)

    assert find() == ""
    named = place.parent / "a (2)"
    if is_left:
        named.hardlink_to(place)
    else:
        place.rename(named)
    assert find(b"more") == find(size=5) == ""
    assert find() == str(named)
    part.close()
    assert there(part) == {"a": b"data", "a (2)": b"data"}


def test_a_second_name_that_somebody_else_has_given_it_is_not_its_name(
    local: LocalDisk, part: Part
) -> None:
    (Path(part.path).parent / "theirs").hardlink_to(part.path)
    found = local.find_whole("", "a", 4, digest(b"data"), part.path, part.inode)
    part.close()
    assert (found, len(there(part))) == ("", 2)
    assert local.find_whole("/nowhere/a", "a", 4, digest(b"data"), part.path, part.inode) == ""


def test_a_full_disk_is_told_before_anything_comes(local: LocalDisk, tmp_path: Path) -> None:
    with pytest.raises(DeniedError, match="no_space_here"):
        local.open_part("", "a", 2**62, "", TAG, 0)
    assert not [*(tmp_path / "downloads").iterdir()]


def test_what_was_finished_too_late_is_discarded_as_well(local: LocalDisk, tmp_path: Path) -> None:
    part = local.open_part("", "a", 4, "", TAG, 0)
    part.write(b"data")
    part.finish(digest(b"0123456789"))
    part.discard()
    assert list((tmp_path / "downloads").iterdir()) == []


def test_what_a_crash_left_before_it_was_noted_goes_on_by_its_tag(local: LocalDisk) -> None:
    first = local.open_part("", "a", 10, "", TAG, 0)
    first.close()
    other = local.open_part("", "a", 10, "", TAG[::-1], 0)
    assert (other.whole, other.path != first.path) == (0, True)
    other.discard()
    again = local.open_part("", "a", 10, "", TAG, 0)
    assert (again.whole, again.path) == (0, first.path)
    again.close()
    local.drop_part("", "a", "", TAG, 0)
    assert there(first) == {}
    local.drop_part("", "a", "", TAG, 0)


def test_what_has_something_in_it_before_it_was_noted_is_left_alone(local: LocalDisk) -> None:
    """Nothing is received before that."""
    first = local.open_part("", "a", 10, "", TAG, 0)
    first.close()
    Path(first.path).write_bytes(b"theirs")
    again = local.open_part("", "a", 10, "", TAG, 0)
    assert (again.whole, again.path != first.path) == (0, True)
    again.discard()
    local.drop_part("", "a", "", TAG, 0)
    assert there(first) == {Path(first.path).name: b"theirs"}


def test_what_has_another_name_as_well_is_not_dropped(local: LocalDisk, part: Part) -> None:
    part.close()
    (Path(part.path).parent / "second").hardlink_to(part.path)
    local.drop_part("", "a", part.path, TAG, 0)
    assert len(there(part)) == 2


def test_one_that_has_become_shorter_says_so(local: LocalDisk, part: Part) -> None:
    os.truncate(part.path, 2)
    with pytest.raises(DeniedError, match="part_changed"):
        part.write(b"more")
    part.close()
    again = local.open_part("", "a", 4, part.path, TAG, 0)
    os.truncate(part.path, 1)
    assert again.read(2) == b""
    again.write(b"data")
    assert Path(again.finish(digest(b"data"))).read_bytes() == b"data"


REPLACEMENTS: dict[str, Callable[[Path, Path], object]] = {
    "another file": lambda place, theirs: theirs.rename(place),
    "a link": lambda place, theirs: (place.unlink(), place.symlink_to(theirs)),
    "a second name": lambda place, theirs: (place.unlink(), place.hardlink_to(theirs)),
    "a directory": lambda place, _: (place.unlink(), place.mkdir()),
    "nothing": lambda place, _: place.unlink(),
    "nothing, as it is elsewhere": lambda place, theirs: place.rename(theirs.parent / "moved"),
}


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("kind", REPLACEMENTS)
def test_what_has_taken_its_place_gets_no_name_and_stays(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, *, links: bool
) -> None:
    theirs, place = tmp_path / "theirs", Path(part.path)
    theirs.write_bytes(b"theirs")
    REPLACEMENTS[kind](place, theirs)
    if not links:
        forbid_links(monkeypatch)
    before = {each: each.lstat().st_ino for each in [*tmp_path.rglob("*")]}
    with pytest.raises(DeniedError, match="bad_path") as raised:
        part.finish(digest(b"data"))
    assert raised.value.facts["why"] == "it is gone, or something else is in its place"
    part.discard()
    assert {each: each.lstat().st_ino for each in [*tmp_path.rglob("*")]} == before


def forbid_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the disk be one where no file has two names."""

    def link(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)


def test_it_gets_its_name_also_where_no_file_has_two(
    local: LocalDisk, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid_links(monkeypatch)
    part.finish(digest(b"data"))
    assert there(part) == {"a": b"data"}
    again = local.open_part("", "a", 4, "", TAG, 0)
    again.write(b"more")
    again.finish(digest(b"more"))
    assert there(part) == {"a": b"data", "a (2)": b"more"}


def test_nothing_stands_under_its_name_before_it_is_whole(
    part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even empty, for a moment: whoever looks at any time finds all of it, or nothing."""
    seen, link = [], os.link

    def watch(*given: str, **options: bool) -> None:
        seen.append(set(there(part)))
        link(*given, **options)
        seen.append({name: data for name, data in there(part).items() if name == "a"})

    monkeypatch.setattr(os, "link", watch)
    part.finish(digest(b"data"))
    assert seen == [{f"a.{TAG}.part"}, {"a": b"data"}]


def alter(path: str, data: bytes, at: int = 0) -> None:
    """Change it as another program would, at a time of its own."""
    before = Path(path).stat()
    with Path(path).open("r+b") as file:
        file.seek(at)
        file.write(data)
    # Two changes within a tick of the kernel's clock have one date.
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 10**7))


@pytest.mark.parametrize("moment", ["behind the last write", "between two"])
def test_what_was_altered_meanwhile_gets_no_name(part: Part, moment: str) -> None:
    alter(part.path, b"x", 1)
    if moment == "between two":
        part.write(b"more")
    with pytest.raises(DeniedError, match="part_changed"):
        part.finish(digest(b"data" if moment != "between two" else b"datamore"))
    part.discard()
    assert there(part) == {}


def test_what_was_written_as_it_is_or_behind_it_does_no_harm(part: Part) -> None:
    alter(part.path, b"ta", 2)
    alter(part.path, b"more", 4)
    assert Path(part.finish(digest(b"data"))).read_bytes() == b"data"


def test_one_that_nobody_has_touched_is_not_read_once_more(
    part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pread", lambda *_: pytest.fail("it was read"))
    part.finish(digest(b"data"))
    assert there(part) == {"a": b"data"}


def test_what_was_made_of_it_meanwhile_is_not_discarded(part: Part) -> None:
    place = Path(part.finish(digest(b"data")))
    place.write_bytes(b"mine")
    part.discard()
    assert place.read_bytes() == b"mine"
