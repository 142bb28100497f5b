"""Sending a file: whole, with cuts and restarts anywhere, and while it changes."""

import os
from typing import Any

import pytest
from msgspec.structs import replace

from geventim.channel.file import FileOpener, count_chunks
from geventim.chat import requests as ask
from geventim.chat.replies import BlobInfo, ChunkStored, Error
from geventim.client.files.disk import Picture
from geventim.client.files.states import State
from geventim.client.files.transfer import closing
from geventim.client.files.upload import FRUITLESS, Upload
from geventim.client.sealing.content import File
from tests.client.files.conftest import Server, World

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


def test_one_that_is_given_up_while_it_is_opened_is_closed(world: World) -> None:
    world.disk.files["a.txt"] = DATA
    world.order("a.txt")
    world.transfers.poll(is_ready=True)
    world.transfers.cancel_number(1)
    world.run()
    assert world.disk.closed == 1
    assert not world.kept()


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


class Liar(Server):
    """A server that says that it has ``claims`` chunks, or as many as it has, and takes none."""

    def __init__(self, code: str, claims: int | None = None) -> None:
        super().__init__()
        self.code, self.claims, self.taken, self.begins = code, claims, 0, 0

    def answer(self, request: Any, payload: bytes) -> tuple[Any, bytes]:
        if isinstance(request, ask.PutChunk) and request.index >= self.taken:
            return Error(id=0, code=self.code, text="No."), b""
        reply, data = super().answer(request, payload)
        if isinstance(reply, BlobInfo):
            self.begins += 1
            if self.claims is not None:
                reply = replace(reply, chunks=self.claims)
        return reply, data


@pytest.mark.parametrize("code", ["not_next", "is_finished"])
@pytest.mark.parametrize("taken", [0, 3])
def test_a_server_that_takes_nothing_does_not_hold_a_file_for_ever(
    world: World, code: str, taken: int
) -> None:
    world.server = server = Liar(code)
    server.taken = taken
    world.disk.files["a"] = DATA
    errand = world.order("a")
    world.run(1000)
    assert errand.error.code == "bad_server"
    assert not world.kept() or world.kept()[0].startswith("files/deleting/")
    assert server.begins <= 2 * FRUITLESS + 2


@pytest.mark.parametrize("claims", [1, 4])
def test_nor_one_that_says_it_has_more_or_less_each_time(world: World, claims: int) -> None:
    world.server = server = Liar("not_next", claims)
    world.disk.files["a"] = DATA
    errand = world.order("a")
    while not errand.over:
        server.claims = claims if server.begins % 2 else 0
        assert world.step()
    assert errand.error.code == "bad_server"
    assert server.begins < 50


@pytest.mark.parametrize("request_type", [ask.BeginBlob, ask.FinishBlob])
@pytest.mark.parametrize("code", ["not_next", "is_finished"])
def test_nor_one_that_refuses_what_is_no_chunk_as_if_it_were(
    world: World, request_type: type, code: str
) -> None:
    world.server.refuse[request_type] = code
    world.disk.files["a"] = DATA
    errand = world.order("a")
    world.run(1000)
    assert errand.error.code == code


def test_a_server_with_trouble_that_goes_on_is_not_refused(world: World) -> None:
    """Each chunk is refused a few times before it is taken, and that is progress."""
    world.disk.files["a"] = DATA
    errand = world.order("a")
    refused: dict[int, int] = {}
    honest = world.server.answer

    def answer(request: Any, payload: bytes) -> tuple[Any, bytes]:
        if isinstance(request, ask.PutChunk):
            refused[request.index] = refused.get(request.index, 0) + 1
            if refused[request.index] <= FRUITLESS:
                return Error(id=0, code="not_next", text="No."), b""
        return honest(request, payload)

    world.server.answer = answer
    world.run(5000)
    assert errand.error is None
    assert read(world, sent(world)[0]) == DATA


@pytest.mark.parametrize("chunks", [0, 1, 7, 2**40])
def test_a_server_that_has_taken_a_chunk_and_does_not_have_it(world: World, chunks: int) -> None:
    world.disk.files["a"] = DATA
    errand = world.order("a")
    honest = world.server.answer

    def answer(request: Any, payload: bytes) -> tuple[Any, bytes]:
        reply, data = honest(request, payload)
        if isinstance(request, ask.PutChunk) and request.index >= 2:
            reply = ChunkStored(id=0, chunks=chunks)
        return reply, data

    world.server.answer = answer
    world.run(1000)
    assert errand.error.code == "bad_server"
    assert not world.kept()


def test_a_connection_that_is_cut_while_a_chunk_is_sealed_costs_nothing(world: World) -> None:
    """However often: it is the same file still, under the same key."""
    world.disk.files["a"] = data = os.urandom(30 * CHUNK)
    errand = world.order("a")
    world.means.window.size = 1
    world.means.window.answered = lambda _: None
    cuts = 0
    while not errand.over and world.transfers.under_way:
        (upload,) = world.transfers.under_way
        assert isinstance(upload, Upload)
        is_sealing = upload._is_sealing and not upload._sealed
        if is_sealing and cuts < 12 and upload.state is State.MOVING:
            cuts += 1
            # The thread has begun with it.
            compute, resume, fail = world.work.popleft()
            result = compute.call()
            world.cut()
            world.transfers.poll(is_ready=True)
            what, then = world.asked.popleft()
            then(*world.server.answer(what.request, what.payload))
            world.work.appendleft((closing(lambda result=result: result), resume, fail))
        if not world.step():
            break
    assert cuts == 12
    assert errand.error is None
    assert read(world, sent(world)[0]) == data
    assert len(world.server.begun) == 1


def test_a_file_that_has_more_in_it_than_its_size_says_is_not_sent(world: World) -> None:
    world.disk.files["a"] = DATA
    world.disk.said["a"] = len(DATA) - 5
    errand = world.order("a")
    world.run()
    assert errand.error.code == "source_changed"
    assert not world.server.blobs
