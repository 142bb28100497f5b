"""Sending a file: whole, with cuts and restarts anywhere, and while it changes."""

import os
from typing import Any

import pytest

from geventim.channel.file import FileOpener, count_chunks
from geventim.chat import requests as ask
from geventim.client.files.disk import Picture
from geventim.client.sealing.content import File
from tests.client.files.conftest import World

CHUNK = 256 * 1024
DATA = os.urandom(5 * CHUNK + 7)


def read(world: World, file: File) -> bytes:
    """What a reader of the file gets."""
    opener = FileOpener(file.key, file.size)
    chunks = world.server.blobs[file.blob]
    data = b"".join(map(opener.open, chunks))
    opener.verify(file.hash)
    return data


def sent(world: World) -> Any:
    ((_, __, files),) = world.transfers.take_sent()
    return files


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, len(DATA)])
def test_what_is_sent_is_what_was_there(world: World, size: int) -> None:
    world.disk.files["a"] = DATA[:size]
    world.order("a")
    world.run()
    (file,) = sent(world)
    assert read(world, file) == DATA[:size]
    assert file.blob in world.server.finished
    assert count_chunks(size) == len(world.server.blobs[file.blob])


@pytest.mark.parametrize("steps", range(1, 26, 3))
@pytest.mark.parametrize("trouble", ["cut", "restart"])
def test_it_goes_on_wherever_it_was_interrupted(world: World, steps: int, trouble: str) -> None:
    world.disk.files["a"] = DATA
    world.order("a")
    world.run(steps)
    getattr(world, trouble)()
    world.run()
    (file,) = sent(world)
    assert read(world, file) == DATA
    assert len(world.server.blobs) == 1


def test_a_file_that_changed_meanwhile_is_sent_anew_under_another_key(world: World) -> None:
    world.disk.files["a"] = DATA
    world.order("a")
    world.run(12)
    first = {**world.server.begun}
    world.restart()
    world.disk.files["a"] = new = os.urandom(3 * CHUNK)
    world.disk.changed["a"] = 1
    world.run()
    (file,) = sent(world)
    assert read(world, file) == new
    assert not set(first.values()) & set(world.server.blobs)


def test_one_that_changes_all_the_time_is_given_up(world: World) -> None:
    world.disk.files["a"] = DATA
    errand = world.order("a")
    for time in range(1, 200):
        world.run(4)
        world.disk.changed["a"] = time
    world.run()
    assert errand.error.code == "source_changed"
    assert not world.server.blobs
    assert not world.kept()


def test_a_chunk_that_came_too_early_is_put_once_more(world: World) -> None:
    world.disk.files["a"] = DATA
    world.order("a")
    world.run(5)
    world.server.refuse[ask.PutChunk] = "not_next"
    world.run()
    assert read(world, sent(world)[0]) == DATA


def test_a_blob_that_is_gone_is_begun_anew(world: World) -> None:
    world.disk.files["a"] = DATA
    world.order("a")
    world.run(9)
    world.server.blobs.clear()
    world.server.begun.clear()
    world.run()
    assert read(world, sent(world)[0]) == DATA


def test_a_refusal_ends_it_and_nothing_is_left(world: World) -> None:
    world.disk.files["a"] = DATA
    errand = world.order("a")
    world.server.refuse[ask.BeginBlob] = "quota_files"
    world.run()
    assert errand.error.code == "quota_files"
    assert world.events[-1].transfer.state == "failed"
    assert world.events[-1].failure.code == "quota_files"
    assert not world.kept()


def test_no_more_is_under_way_than_a_server_takes(world: World) -> None:
    world.disk.files["a"] = os.urandom(40 * CHUNK)
    world.order("a")
    world.run()
    assert 1 <= world.server.most <= 8


def test_a_change_that_no_date_tells_is_found_after_a_restart(world: World) -> None:
    world.disk.files["a"] = data = os.urandom(70 * CHUNK)
    world.order("a")
    while not any(len(chunks) > 66 for chunks in world.server.blobs.values()):
        world.run(1)
    (first,) = world.server.blobs
    world.restart()
    world.disk.files["a"] = new = b"changed" + data[7:]
    world.run()
    (file,) = sent(world)
    assert read(world, file) == new
    assert first not in world.server.blobs


def test_a_picture_is_looked_at_once_and_described(world: World) -> None:
    world.disk.picture = Picture("image/png", 3, 2, b"small")
    world.disk.files["a.PNG"] = os.urandom(3 * 256 * 1024)
    world.order("a.PNG")
    world.run(6)
    world.restart()
    world.run()
    ((_, _, (file,)),) = world.transfers.take_sent()
    assert (file.type, file.width, file.height, file.thumbnail) == ("image/png", 3, 2, b"small")
    assert world.disk.looked == 1


def test_nothing_else_is_looked_at(world: World) -> None:
    world.disk.files["a.txt"] = b"a"
    world.order("a.txt")
    world.run()
    assert world.disk.looked == 0
