"""Receiving a file: whole, with cuts and restarts anywhere, and from those who lie."""

import os

import pytest
from msgspec.structs import replace

from geventim.chat import requests as ask
from tests.client.files.conftest import World

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
