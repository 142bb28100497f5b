"""What clients ask about files, and what those get to know who have no business there."""

from typing import Any, get_args

import pytest
from msgspec.structs import replace

from geventim.chat import requests as ask
from geventim.chat.limits import BLOB_WEIGHT, CHUNK_SIZE, CHUNKS, UNFINISHED
from geventim.chat.replies import BlobInfo, Chunk, ChunkStored, Error, Ok
from geventim.chat.values import Allowance, Sanction
from geventim.log.blobs import OfBlobs
from geventim.log.changes import whose
from geventim.service.files.blobs import DAY, Terms
from geventim.service.people.quotas import Quotas
from tests.service.doubles import Client, World, fresh_id, meet
from tests.service.surroundings import START, Contents

SIZE = CHUNK_SIZE + 10
PIECES = [bytes(CHUNK_SIZE), b"0123456789"]


class Place:
    """A room with two members and a stranger, on a server that takes files."""

    def __init__(self, terms: Terms | None = None, quotas: Quotas | None = None) -> None:
        self.world = World()
        self.contents = self.world.contents = Contents()
        changed = replace_policy(self.world, terms or Terms(), quotas or Quotas())
        self.world.policy = changed
        self.world.start()
        self.room, self.alice, self.bob = meet(self.world, "alice", "bob")
        self.stranger = self.world.enter("stranger")

    def begin(self, client: Client | None = None, size: int = SIZE, **fields: Any) -> Any:
        wanted = {"conversation": self.room, "message_id": fresh_id(), "size": size} | fields
        return (client or self.alice).ask(ask.BeginBlob, **wanted)

    def blob(self, client: Client | None = None, *, whole: bool = True) -> bytes:
        """A blob with all its chunks, finished or not."""
        client = client or self.alice
        blob: bytes = self.begin(client).blob
        for index, piece in enumerate(PIECES):
            assert isinstance(self.put(client, blob, index, piece), ChunkStored)
        if whole:
            assert isinstance(client.ask(ask.FinishBlob, blob=blob), Ok)
        return blob

    def put(self, client: Client, blob: bytes, index: int, piece: bytes) -> Any:
        return client.ask(ask.PutChunk, piece, blob=blob, index=index)

    def get(self, client: Client, blob: bytes, index: int = 0) -> Any:
        reply = client.ask(ask.GetChunk, blob=blob, index=index)
        if isinstance(reply, Chunk):
            return next(data for message, data in client.received if message is reply)
        return reply


def replace_policy(world: World, terms: Terms, quotas: Quotas) -> Any:
    from dataclasses import replace as change  # noqa: PLC0415 - the other one is msgspec's

    return change(world.policy, terms=terms, quotas=quotas)


@pytest.fixture
def place() -> Place:
    return Place()


def code(reply: Any) -> str:
    assert isinstance(reply, Error), reply
    return reply.code


class TestTheWayOfAFile:
    def test_members_get_what_was_put(self, place: Place) -> None:
        begun = place.begin()
        assert begun == BlobInfo(id=begun.id, blob=begun.blob, size=SIZE, chunks=0, end=START + DAY)
        stored = [place.put(place.alice, begun.blob, i, each) for i, each in enumerate(PIECES)]
        assert [each.chunks for each in stored] == [1, 2]
        assert isinstance(place.alice.ask(ask.FinishBlob, blob=begun.blob), Ok)
        assert [place.get(place.bob, begun.blob, index) for index in range(2)] == PIECES
        found = place.bob.ask(ask.FindBlob, blob=begun.blob)
        assert (found.size, found.chunks, found.finished) == (SIZE, 2, True)
        assert found.end == START + 30 * DAY

    def test_one_goes_on_where_one_was(self, place: Place) -> None:
        blob = place.begin().blob
        place.put(place.alice, blob, 0, PIECES[0])
        again = place.world.enter("alice")
        assert again.ask(ask.FindBlob, blob=blob).chunks == 1
        assert place.put(again, blob, 1, PIECES[1]).chunks == 2

    def test_who_begins_again_gets_the_first_one(self, place: Place) -> None:
        message_id = fresh_id()
        first = place.begin(message_id=message_id)
        place.put(place.alice, first.blob, 0, PIECES[0])
        again = place.begin(message_id=message_id)
        assert (again.blob, again.chunks) == (first.blob, 1)

    def test_finishing_again_is_harmless(self, place: Place) -> None:
        blob = place.blob()
        assert isinstance(place.alice.ask(ask.FinishBlob, blob=blob), Ok)

    def test_each_account_has_its_own_share_of_the_disk(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        committed: list[Any] = []
        commit = place.world.store.commit
        monkeypatch.setattr(
            place.world.store,
            "commit",
            lambda changes: committed.extend(changes) or commit(changes),
        )
        place.alice.ask(ask.DeleteBlob, blob=place.blob(place.alice))
        of_blobs = [each for each in committed if isinstance(each, get_args(OfBlobs))]
        assert len(of_blobs) == 3
        assert {whose(each) for each in of_blobs} == {place.alice.session.account.id}

    def test_what_was_deleted_is_gone_for_all(self, place: Place) -> None:
        for whole in (True, False):
            blob = place.blob(whole=whole)
            assert isinstance(place.alice.ask(ask.DeleteBlob, blob=blob), Ok)
            assert blob not in place.contents.chunks
            assert code(place.get(place.alice, blob)) == "no_blob"
            assert code(place.alice.ask(ask.DeleteBlob, blob=blob)) == "no_blob"
        assert place.world.store.usage(place.alice.session.account.id).files == 0

    def test_who_has_left_may_still_delete_what_was_its_own(self, place: Place) -> None:
        blob = place.blob()
        place.alice.leave(place.room)
        assert code(place.get(place.alice, blob)) == "no_blob"
        assert isinstance(place.alice.ask(ask.DeleteBlob, blob=blob), Ok)


class TestWhoMay:
    """Not there, not yours and not a member's are one answer."""

    def everything(self, client: Client, blob: bytes) -> list[Error]:
        requests: list[tuple[Any, ...]] = [
            (ask.FindBlob, b"", {}),
            (ask.GetChunk, b"", {"index": 0}),
            (ask.GetChunk, b"", {"index": 10**15}),
            (ask.PutChunk, b"x", {"index": 0}),
            (ask.PutChunk, PIECES[0], {"index": 2**53 - 1}),
            (ask.FinishBlob, b"", {}),
            (ask.DeleteBlob, b"", {}),
        ]
        replies = [client.ask(kind, data, blob=blob, **more) for kind, data, more in requests]
        return [replace(reply, id=0) for reply in replies]

    def test_strangers_cannot_tell_a_blob_from_none(self, place: Place) -> None:
        whole, begun = place.blob(), place.blob(whole=False)
        answers = [self.everything(place.stranger, each) for each in (whole, begun, fresh_id())]
        assert answers[0] == answers[1] == answers[2]
        assert {each.code for each in answers[0]} == {"no_blob"}
        assert [place.get(place.bob, whole, index) for index in range(2)] == PIECES
        assert place.alice.ask(ask.FindBlob, blob=begun).chunks == 2

    def test_the_same_is_looked_up_for_all(self, place: Place) -> None:
        """So the answer takes as long, whatever it is about."""
        asked: list[str] = []
        journal = place.world.journal
        for name in ("blob", "is_member"):
            method = getattr(journal, name)
            setattr(
                journal, name, lambda *a, name=name, method=method: asked.append(name) or method(*a)
            )
        for blob in (place.blob(), fresh_id()):
            asked.clear()
            self.everything(place.stranger, blob)
            assert asked == ["blob", "is_member"] * 7

    def test_another_member_does_not_put_finish_or_delete(self, place: Place) -> None:
        begun, whole = place.blob(whole=False), place.blob()
        assert {each.code for each in self.everything(place.bob, begun)} == {"no_blob"}
        for kind in (ask.FinishBlob, ask.DeleteBlob):
            assert code(place.bob.ask(kind, blob=whole)) == "no_blob"
        assert code(place.put(place.bob, whole, 0, PIECES[0])) == "no_blob"

    def test_nobody_reads_what_is_not_finished(self, place: Place) -> None:
        begun = place.blob(whole=False)
        for client in (place.alice, place.bob):
            assert code(place.get(client, begun)) == "no_blob"

    def test_who_is_out_reads_no_more(self, place: Place) -> None:
        blob = place.blob()
        place.bob.leave(place.room)
        assert code(place.get(place.bob, blob)) == "no_blob"

    def test_who_is_put_out_gets_nothing_of_what_was_asked_before(self, place: Place) -> None:
        blob = place.blob()
        place.bob.lazy = True
        number = place.bob.begin(ask.GetChunk, blob=blob, index=0)
        place.world.kick(place.room, "bob")
        place.bob.take_supplies()
        assert [code(reply) for reply in place.bob.replies(number)] == ["no_blob"]

    def test_who_is_put_out_does_not_finish(self, place: Place) -> None:
        """Even if that happens while it is looked whether everything is there."""
        blob = place.blob(whole=False)
        count = place.contents.count
        kick = place.world.kick
        place.contents.count = lambda blob: kick(place.room, "alice") or count(blob)
        assert code(place.alice.ask(ask.FinishBlob, blob=blob)) == "no_blob"

    def test_what_was_in_a_deleted_conversation_is_gone(self, place: Place) -> None:
        blob = place.blob()
        place.world.service.moderation.delete("lobby")
        for client in (place.alice, place.bob, place.stranger):
            assert {each.code for each in self.everything(client, blob)[:-1]} == {"no_blob"}

    def test_only_members_begin(self, place: Place) -> None:
        for conversation in (place.room, fresh_id()):
            reply = place.begin(place.stranger, conversation=conversation)
            assert code(reply) == "not_a_member"

    def test_who_is_muted_reads_and_does_not_put(self, place: Place) -> None:
        blob, begun = place.blob(), place.blob(whole=False)
        place.world.service.moderation.judge("alice", Sanction.MUTED)
        assert code(place.begin()) == "muted"
        assert code(place.put(place.alice, begun, 1, PIECES[1])) == "muted"
        assert code(place.alice.ask(ask.FinishBlob, blob=begun)) == "muted"
        assert place.get(place.alice, blob) == PIECES[0]


class TestNonsense:
    @pytest.mark.parametrize("index", [2, 3, 2**53 - 1])
    def test_there_is_no_chunk_behind_the_last(self, place: Place, index: int) -> None:
        whole, begun = place.blob(), place.begin().blob
        assert code(place.get(place.bob, whole, index)) == "bad_chunk"
        assert code(place.put(place.alice, begun, index, PIECES[0])) == "bad_chunk"

    @pytest.mark.parametrize(
        ("index", "size"), [(0, 0), (0, CHUNK_SIZE - 1), (1, 9), (1, 11), (1, CHUNK_SIZE)]
    )
    def test_a_chunk_has_its_size(self, place: Place, index: int, size: int) -> None:
        blob = place.begin().blob
        reply = place.alice.ask(
            ask.PutChunk, bytes(size), blob=blob, index=index, **({} if size else {"payload": 0})
        )
        assert code(reply) == "bad_chunk"
        assert place.contents.chunks == {}

    def test_no_chunk_is_larger_than_any(self, place: Place) -> None:
        blob = place.begin().blob
        assert code(place.put(place.alice, blob, 0, bytes(CHUNK_SIZE + 1))) == "too_large"

    def test_chunks_come_in_order(self, place: Place) -> None:
        blob = place.begin().blob
        assert code(place.put(place.alice, blob, 1, PIECES[1])) == "not_next"
        assert place.put(place.alice, blob, 0, PIECES[0]).chunks == 1

    def test_one_that_is_there_is_never_replaced(self, place: Place) -> None:
        blob = place.begin().blob
        place.put(place.alice, blob, 0, PIECES[0])
        assert place.put(place.alice, blob, 0, b"\1" * CHUNK_SIZE).chunks == 1
        assert place.contents.chunks[blob] == [PIECES[0]]
        done = place.blob()
        assert code(place.put(place.alice, done, 0, b"\1" * CHUNK_SIZE)) == "is_finished"

    def test_what_is_not_whole_is_not_finished(self, place: Place) -> None:
        blob = place.begin().blob
        place.put(place.alice, blob, 0, PIECES[0])
        assert code(place.alice.ask(ask.FinishBlob, blob=blob)) == "not_whole"

    @pytest.mark.parametrize("size", [-1, 2**53, 1.5, "1", None])
    def test_sizes_that_are_none(self, place: Place, size: Any) -> None:
        fields = {"conversation": place.room, "message_id": fresh_id(), "size": size}
        assert code(place.alice.ask(ask.BeginBlob, **fields)) == "bad_request"

    def test_a_file_that_is_sealed_has_some_bytes(self, place: Place) -> None:
        assert code(place.begin(size=0)) == "bad_request"


class TestBounds:
    """All of them are told before the first chunk."""

    def test_the_largest_file(self) -> None:
        place = Place(Terms(largest=CHUNK_SIZE - 64))
        assert isinstance(place.begin(size=CHUNK_SIZE), BlobInfo)
        reply = place.begin(size=2 * CHUNK_SIZE)
        assert code(reply) == "too_large"
        assert code(place.begin(size=2**53 - 1)) == "too_large"

    def test_an_account_has_its_quota(self) -> None:
        place = Place(quotas=Quotas(files=SIZE + BLOB_WEIGHT))
        first = place.begin()
        refused = place.begin()
        assert code(refused) == "quota_files"
        assert isinstance(place.begin(place.bob), BlobInfo)
        place.alice.ask(ask.DeleteBlob, blob=first.blob)
        assert isinstance(place.begin(), BlobInfo)

    def test_an_operator_gives_an_account_another_one(self) -> None:
        place = Place(quotas=Quotas(files=0))
        assert code(place.begin()) == "quota_files"
        place.world.service.moderation.allow_more("alice", Allowance(files=2**30))
        assert isinstance(place.begin(), BlobInfo)
        assert code(place.begin(place.bob)) == "quota_files"

    def test_all_together_have_a_bound(self) -> None:
        place = Place(Terms(space=SIZE + BLOB_WEIGHT))
        place.begin()
        assert code(place.begin(place.bob)) == "no_space"

    def test_there_is_room_on_the_disk_for_all_of_it(self, place: Place) -> None:
        place.contents.free = SIZE - 1
        assert code(place.begin()) == "no_space"

    def test_few_are_begun_at_a_time(self, place: Place) -> None:
        replies = [place.begin(size=1) for _ in range(UNFINISHED + 1)]
        assert code(replies[-1]) == "too_many_begun"
        assert isinstance(replies[-2], BlobInfo)

    def test_a_server_may_take_none(self) -> None:
        assert code(Place(Terms(space=0)).begin()) == "no_files"
        world = World()
        room, alice, _ = meet(world, "alice", "bob")
        reply = alice.ask(ask.BeginBlob, conversation=room, message_id=fresh_id(), size=1)
        assert code(reply) == "no_files"

    def test_few_chunks_are_under_way(self, place: Place) -> None:
        place.contents.stepwise = True
        blob = place.begin().blob
        fields = {"blob": blob, "index": 0}
        numbers = [place.alice.begin(ask.PutChunk, PIECES[0], **fields) for _ in range(CHUNKS + 1)]
        assert [code(reply) for reply in place.alice.replies(numbers[-1])] == ["busy"]
        assert place.alice.replies(numbers[0]) == []
        assert len(place.contents.waiting) == CHUNKS
        place.contents.count(place.world.store.blob(blob))
        assert all(isinstance(place.alice.replies(each)[0], ChunkStored) for each in numbers[:-1])
        assert place.alice.session.chunks == 0

    def test_few_chunks_are_asked_for_at_a_time(self, place: Place) -> None:
        blob = place.blob()
        place.bob.lazy = True
        numbers = [place.bob.begin(ask.GetChunk, blob=blob, index=0) for _ in range(CHUNKS + 1)]
        assert [code(reply) for reply in place.bob.replies(numbers[-1])] == ["busy"]
        place.bob.take_supplies()
        assert all(isinstance(place.bob.replies(each)[0], Chunk) for each in numbers[:-1])
        assert place.bob.session.chunks == 0

    def test_nothing_is_taken_while_much_of_all_waits(self, place: Place) -> None:
        blob = place.begin().blob
        place.contents.is_full = True
        reply = place.put(place.alice, blob, 0, PIECES[0])
        assert code(reply) == "busy"
        assert reply.wait > 0


class TestTime:
    def test_members_are_told_what_has_expired_and_nobody_else_is(self, place: Place) -> None:
        blob = place.blob()
        place.world.timers.advance(30 * DAY)
        # The first when it is due, the second when it was swept.
        for _ in range(2):
            assert code(place.get(place.bob, blob)) == "expired"
            assert code(place.bob.ask(ask.FindBlob, blob=blob)) == "expired"
            assert code(place.get(place.stranger, blob)) == "no_blob"
            place.world.timers.advance(7_200)
        assert place.contents.chunks == {}

    def test_what_is_not_finished_in_a_day_is_dropped(self, place: Place) -> None:
        blob = place.blob(whole=False)
        place.world.timers.advance(DAY + 7_200)
        assert code(place.alice.ask(ask.FinishBlob, blob=blob)) == "no_blob"
        assert place.contents.chunks == {}
        assert place.world.store.usage(place.alice.session.account.id).files == 0

    def test_content_that_was_lost_counts_as_expired(self, place: Place) -> None:
        blob = place.blob()
        place.contents.chunks.clear()
        assert code(place.get(place.bob, blob)) == "expired"


class TestFailures:
    def test_what_could_not_be_stored_is_said_and_can_be_put_again(self, place: Place) -> None:
        blob = place.begin().blob
        place.contents.failing = True
        assert code(place.put(place.alice, blob, 0, PIECES[0])) == "storage_failed"
        assert place.alice.session.chunks == 0
        place.contents.failing = False
        assert place.put(place.alice, blob, 0, PIECES[0]).chunks == 1

    def test_what_cannot_be_read_is_said(self, place: Place) -> None:
        blob = place.blob()
        place.contents.failing = True
        assert code(place.get(place.bob, blob)) == "storage_failed"
        assert place.bob.session.chunks == 0
