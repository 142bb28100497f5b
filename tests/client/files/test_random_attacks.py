"""Files on a real disk where something else writes, from and to a server that lies: at random.

Whatever they do, nothing but the file itself ever stands under a name, no error comes that was not
foreseen, nothing of others is changed or deleted, and all of it comes to an end.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geventim.app.files.disk import LocalDisk
from geventim.chat import requests as ask
from geventim.chat.replies import BlobInfo, Chunk, ChunkStored, Error, Ok
from geventim.client.files.states import State
from geventim.errors import PeerError, UserError
from tests.client.files.conftest import Server, World

CHUNK = 256 * 1024
DATA = os.urandom(4 * CHUNK + 7)
THEIRS = b"theirs"

LIES = ["swapped", "cut", "empty", "fewer", "more", "finished", "not_next", "is_finished", "gone"]
DEEDS = ["shorter", "longer", "altered", "replaced", "linked", "second name", "moved", "deleted"]
TROUBLES = ["cut", "restart", "kill", "cancel", "anew"]


class KilledError(Exception):
    """The process has ended."""


class Liar(Server):
    """A server that lies about what it answers next, as ``lies`` say."""

    def __init__(self) -> None:
        super().__init__()
        self.lies: list[str] = []

    def answer(self, request: Any, payload: bytes) -> tuple[Any, bytes]:
        reply, data = super().answer(request, payload)
        lie = self.lies.pop() if self.lies else ""
        if lie in {"not_next", "is_finished"}:
            return Error(id=0, code=lie, text="No."), b""
        if lie == "gone" and not isinstance(request, ask.BeginBlob):
            return Error(id=0, code="no_blob", text="No such blob."), b""
        match reply:
            case Chunk() if lie == "swapped":
                data = next(iter(self.blobs[request.blob]))
            case Chunk() if lie in {"cut", "empty"}:
                data = data[:-1] if lie == "cut" else b""
            case BlobInfo() | ChunkStored() if lie in {"fewer", "more"}:
                reply = type(reply)(**{**fields(reply), "chunks": 0 if lie == "fewer" else 99})
            case BlobInfo() if lie == "finished":
                reply = type(reply)(**{**fields(reply), "chunks": 5, "finished": True})
            case Error() if lie == "finished":
                reply = Ok(id=0)
        return reply, data


def fields(reply: Any) -> dict[str, Any]:
    return {name: getattr(reply, name) for name in reply.__struct_fields__}


class Watched(LocalDisk):
    """A disk that can close what a process leaves open when it ends."""

    def __init__(self, downloads: Path) -> None:
        super().__init__(downloads)
        self.opened: list[Any] = []

    def open_source(self, path: str) -> Any:
        self.opened.append(super().open_source(path))
        return self.opened[-1]

    def open_part(self, *given: Any) -> Any:
        self.opened.append(super().open_part(*given))
        return self.opened[-1]

    def close(self) -> None:
        for each in self.opened:
            each.close()


class Attacked(World):
    """Downloads come to ``place``; ``theirs`` are files that something else has put there."""

    def __init__(self, place: Path) -> None:
        self.place, self.theirs = place / "downloads", place / "theirs"
        self.replaced: list[Path] = []
        self.count = 0
        self.local = Watched(self.place)
        super().__init__()
        self.server = self.liar = Liar()

    def restart(self) -> None:
        self.local.close()
        self.disk = self.local
        super().restart()

    @property
    def is_finishing(self) -> bool:
        """Whether a file is about to get its name."""
        return any(each.state is State.FINISHING for each in self.transfers.under_way)

    def kill(self) -> None:
        """Have the process end as soon as it has done its next work, which nobody knows then."""
        if self.work:
            compute, _, _ = self.work.popleft()
            with suppress(UserError, PeerError, KilledError):
                compute.call()
        self.restart()

    def attack(self, deed: str, at: int) -> None:
        """Do something to what is being received."""
        parts = [*self.place.glob("*.part")] if self.place.exists() else []
        if not parts or not parts[0].is_file() or parts[0].is_symlink():
            return
        part, before = parts[0], parts[0].stat()
        if before.st_nlink != 1 or part.read_bytes() == THEIRS:
            return
        self.count += 1
        self.theirs.mkdir(exist_ok=True)
        theirs = self.theirs / str(self.count)
        if deed == "shorter":
            os.truncate(part, at % (before.st_size + 1))
        elif deed in {"longer", "altered"}:
            with part.open("r+b") as file:
                file.seek(before.st_size if deed == "longer" else at % (before.st_size + 1))
                file.write(b"altered")
        elif deed == "moved":
            part.rename(theirs)
            return
        elif deed == "deleted":
            part.unlink()
            return
        else:
            theirs.write_bytes(THEIRS)
            part.unlink()
            if deed == "linked":
                part.symlink_to(theirs)
            elif deed == "second name":
                part.hardlink_to(theirs)
            else:
                theirs.rename(part)
            self.replaced.append(part)
            return
        # Two changes within a tick of the kernel's clock have one date.
        os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns + 10**7 * self.count))

    def check(self) -> None:
        """See that nothing stands under a name but the file itself."""
        if self.place.exists():
            for each in self.place.iterdir():
                if each.suffix != ".part":
                    assert each.read_bytes() == DATA, each


step = st.tuples(
    st.integers(1, 12),
    st.one_of(st.sampled_from(TROUBLES), st.sampled_from(LIES), st.tuples(st.sampled_from(DEEDS))),
    st.integers(0, 2**21),
)


def do(world: Attacked, what: Any, at: int) -> None:
    if isinstance(what, tuple):
        world.attack(what[0], at)
    elif what in LIES:
        world.liar.lies += [what] * (1 + at % 9)
    elif what in {"cut", "restart", "kill"}:
        getattr(world, what)()
    elif what == "cancel" and world.transfers.under_way:
        world.transfers.cancel_number(world.transfers.under_way[0].label.number)


@pytest.mark.parametrize("moment", ["before a name is gone", "behind that"])
@pytest.mark.parametrize("wish", ["to have it", "to give it up"])
def test_what_a_killed_process_has_received_is_not_received_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, wish: str
) -> None:
    unlink = Path.unlink

    def die(path: Path, **_: bool) -> None:
        if moment == "behind that":
            unlink(path)
        raise KilledError

    world = Attacked(tmp_path)
    file = world.put(DATA, "a.bin")
    world.fetch(file)
    while not (world.place / "a.bin").exists():
        world.run(1)
        if world.work and world.is_finishing:
            if wish == "to give it up":
                world.transfers.cancel_number(1)
            with monkeypatch.context() as patched:
                patched.setattr(Path, "unlink", die)
                world.kill()
    world.run()
    assert [each.name for each in world.place.iterdir()] == ["a.bin"] * (wish == "to have it")
    assert not world.kept()
    world.check()
    world.local.close()


@settings(deadline=None)
@given(st.lists(step, max_size=12))
def test_nothing_but_the_file_itself_gets_a_name(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        world = Attacked(Path(directory))
        file = world.put(DATA, "a.bin")
        errand = world.fetch(file)
        for count, what, at in steps:
            world.run(count)
            world.check()
            do(world, what, at)
            if what == "anew" and not world.transfers.under_way:
                errand = world.fetch(file)
        world.run(2000)
        world.check()
        world.local.close()
        assert not world.transfers.under_way
        assert not world.kept()
        assert errand.over or errand not in world.transfers._errands
        # Nothing is left of ours, and theirs is all there still.
        for each in world.place.glob("*.part") if world.place.exists() else ():
            assert each.read_bytes() == THEIRS
        assert all(each.read_bytes() == THEIRS for each in world.replaced)
        if world.theirs.exists():
            for each in world.theirs.iterdir():
                assert each.read_bytes() in {THEIRS} or each.stat().st_nlink == 1


def change(source: Path, place: int) -> None:
    """Cut a file there, or make it longer; or write something there."""
    before = source.stat()
    with source.open("r+b") as file:
        if place % 2:
            file.truncate(place)
        else:
            file.seek(place % (before.st_size + 1))
            file.write(b"altered")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns + 10**7))


@settings(deadline=None)
@given(st.lists(step, max_size=12), st.lists(st.integers(0, 2**21), max_size=3))
def test_what_is_sent_is_something_that_stood_there(steps: list[Any], changes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        world = Attacked(Path(directory))
        source = Path(directory) / "source"
        source.write_bytes(DATA)
        world.order(str(source))
        there = {hashlib.sha256(DATA).digest()}
        for count, what, at in steps:
            world.run(count)
            if isinstance(what, tuple) and changes:
                change(source, changes.pop())
                there.add(hashlib.sha256(source.read_bytes()).digest())
            else:
                do(world, what, at)
        world.run(5000)
        world.local.close()
        assert not world.transfers.under_way
        for _, _, files in world.transfers.take_sent():
            assert {each.hash for each in files} <= there
