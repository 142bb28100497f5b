"""Receiving a file: whole, with cuts and restarts anywhere, and from those who lie."""

import os

import pytest
from msgspec.structs import replace

from geventim.chat import requests as ask
from tests.client.files.conftest import MESSAGE, World

CHUNK = 256 * 1024
DATA = os.urandom(5 * CHUNK + 7)


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, len(DATA)])
def test_what_is_received_is_what_was_sent(world: World, size: int) -> None:
    errand = world.fetch(world.put(DATA[:size]))
    world.run()
    assert world.disk.files == {"a.txt": DATA[:size]}
    assert errand.path == "a.txt"
    assert not world.kept()


@pytest.mark.parametrize("steps", range(1, 26, 3))
@pytest.mark.parametrize("trouble", ["cut", "restart"])
def test_it_goes_on_wherever_it_was_interrupted(world: World, steps: int, trouble: str) -> None:
    world.fetch(world.put(DATA))
    world.run(steps)
    getattr(world, trouble)()
    world.run()
    assert world.disk.files == {"a.txt": DATA}


@pytest.mark.parametrize(
    "lie",
    [
        {"size": len(DATA) - 1},
        {"size": len(DATA) + 1},
        {"size": CHUNK},
        {"size": 2**31},
        {"hash": b"x" * 32},
        {"key": b"x" * 32},
    ],
)
def test_nothing_is_left_of_what_a_sender_lied_about(world: World, lie: dict[str, object]) -> None:
    errand = world.fetch(replace(world.put(DATA), **lie))
    world.server.most = 0
    for blob in world.server.blobs.values():
        # A server that has as many chunks as anybody wants.
        blob.extend([blob[-1]] * 9)
    world.run()
    assert errand.error.code == "bad_file"
    assert not world.disk.files
    assert not world.kept()


@pytest.mark.parametrize("swap", [(0, 1), (1, 0), (2, 5), (5, 2)])
def test_chunks_of_another_place_are_not_taken(world: World, swap: tuple[int, int]) -> None:
    file = world.put(DATA)
    chunks = world.server.blobs[file.blob]
    chunks[swap[0]] = chunks[swap[1]]
    errand = world.fetch(file)
    world.run()
    assert errand.error.code == "bad_file"
    assert not world.disk.files


def test_a_part_that_was_changed_is_received_once_more(world: World) -> None:
    world.fetch(world.put(DATA))
    world.run(14)
    world.restart()
    part = world.disk.files["a.txt.part"]
    assert len(part) > CHUNK
    world.disk.files["a.txt.part"] = b"x" + part[1:]
    world.run()
    assert world.disk.files == {"a.txt": DATA}


@pytest.mark.parametrize("code", ["expired", "no_blob"])
def test_what_is_gone_says_so(world: World, code: str) -> None:
    errand = world.fetch(world.put(DATA))
    world.server.refuse[ask.GetChunk] = code
    world.run()
    assert errand.error.code == code
    assert not world.disk.files


@pytest.mark.parametrize("steps", range(14))
@pytest.mark.parametrize("trouble", ["", "cut", "restart"])
def test_nothing_is_left_of_what_was_given_up(world: World, steps: int, trouble: str) -> None:
    world.fetch(world.put(DATA))
    world.run(steps)
    if trouble:
        getattr(world, trouble)()
    world.transfers.cancel_number(1)
    world.run()
    assert not world.disk.files
    assert not world.kept()


@pytest.mark.parametrize("steps", [0, 6])
def test_nor_while_it_is_opened(world: World, steps: int) -> None:
    world.fetch(world.put(DATA))
    world.run(steps)
    world.restart()
    world.transfers.poll(is_ready=True)
    assert len(world.work) == 1
    world.transfers.cancel_number(1)
    world.run()
    assert not world.disk.files


def downloads_to(world: World, bytes_there: int) -> str:
    """Receive so many bytes at least; where they are."""
    while len(world.disk.files.get("a.txt.part", b"")) < bytes_there:
        world.run(1)
    return "a.txt.part"


@pytest.mark.parametrize("left", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1])
@pytest.mark.parametrize("moment", ["before it is opened", "while it is read", "on its way"])
def test_a_part_that_has_become_shorter_goes_on_with_what_is_there(
    world: World, left: int, moment: str
) -> None:
    errand = world.fetch(world.put(DATA))
    place = downloads_to(world, 4 * CHUNK)
    if moment != "on its way":
        world.restart()
        (errand,) = world.transfers._errands
    if moment == "while it is read":
        world.run(1)
    world.disk.files[place] = world.disk.files[place][:left]
    world.run()
    assert errand.error is None
    assert world.disk.files == {"a.txt": DATA}
    assert not world.kept()


def test_what_is_altered_behind_our_back_is_received_once_more(world: World) -> None:
    world.fetch(world.put(DATA))
    place = downloads_to(world, 4 * CHUNK)
    world.disk.files[place] = b"x" + world.disk.files[place][1:]
    world.disk.tampered += 1
    world.run()
    assert world.disk.files == {"a.txt": DATA}


@pytest.mark.parametrize("manner", ["shorter", "other"])
def test_one_that_is_changed_all_the_time_is_given_up(world: World, manner: str) -> None:
    errand = world.fetch(world.put(DATA))
    for _ in range(500):
        if errand.over:
            break
        world.run(1)
        data = world.disk.files.get("a.txt.part", b"")
        if len(data) > CHUNK:
            world.disk.files["a.txt.part"] = data[:-1] if manner == "shorter" else b"x" + data[1:]
            world.disk.tampered += 1
    assert errand.error.code == "part_changed"
    assert not world.disk.files
    assert not world.kept()


@pytest.mark.parametrize("end", ["refused", "cancelled", "deleted", "lied about"])
def test_it_is_over_when_nothing_is_left(world: World, end: str) -> None:
    """Neither an answer nor an event comes while something still stands in its directory."""
    file = world.put(DATA)
    errand = world.fetch(replace(file, hash=bytes(32)) if end == "lied about" else file)
    downloads_to(world, 2 * CHUNK)
    if end == "refused":
        world.server.refuse[ask.GetChunk] = "expired"
    elif end == "cancelled":
        world.transfers.cancel_number(1)
    elif end == "deleted":
        world.transfers.forget(MESSAGE)
    while not errand.over:
        assert {each.transfer.state for each in world.events} <= {"running"}
        assert world.step()
    assert world.events[-1].transfer.state in {"failed", "cancelled"}
    assert not world.disk.files
    assert not world.kept()


@pytest.mark.parametrize("steps", range(12))
def test_whoever_asks_anew_meanwhile_gets_it(world: World, steps: int) -> None:
    file = world.put(DATA)
    first = world.fetch(file)
    world.run(steps)
    world.transfers.cancel_number(1)
    second = world.fetch(file)
    assert second is not first
    world.run()
    assert first.error.code == "cancelled"
    assert second.done
    assert list(world.disk.files.values()) == [DATA]


@pytest.mark.parametrize("steps", range(2, 12))
def test_a_restart_before_it_is_deleted_deletes_it(world: World, steps: int) -> None:
    world.fetch(world.put(DATA))
    world.run(steps)
    world.transfers.cancel_number(1)
    world.restart()
    world.run()
    assert not world.disk.files
    assert not world.kept()
