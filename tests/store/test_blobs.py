"""One suite for every store: blobs, who has reserved how much, and what becomes of them."""

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from geventim.chat.limits import BLOB_WEIGHT, CHUNK_SIZE
from geventim.chat.values import Account, Allowance, Conversation, Sanction
from geventim.log.blobs import (
    SWEPT_AT_ONCE,
    BeginBlob,
    Blob,
    BlobState,
    DropBlob,
    FinishBlob,
    SweepBlobs,
    Swept,
)
from geventim.log.people import Register, SetAllowance, SetSanction
from geventim.log.store import Store
from tests.store.builders import (
    ALICE,
    BOB,
    CREW,
    DM,
    LOBBY,
    commit,
    create,
    delete,
    do,
    fresh_id,
    ids,
    leave,
    refused,
)

DAY = 86_400.0
NEVER = 0.0


@pytest.fixture(autouse=True)
def people(store: Store) -> None:
    store.commit([Register(each) for each in (ALICE, BOB)])
    store.commit([create(CREW, ALICE, BOB), create(DM, ALICE, BOB)])


def blob(
    account: Account = ALICE,
    conversation: Conversation = CREW,
    size: int = 1_000,
    time: float = DAY,
) -> Blob:
    return Blob(fresh_id(), conversation.id, account.id, fresh_id(), size, time)


def begin(blob: Blob, **bounds: Any) -> BeginBlob:
    wanted = {"most": None, "space": None, "unfinished": 10_000} | bounds
    return BeginBlob(blob, **wanted)


def begun(store: Store, blob: Blob, **bounds: Any) -> Blob:
    assert do(store, begin(blob, **bounds)) == blob
    return blob


def finished(store: Store, blob: Blob, time: float = 2 * DAY) -> Blob:
    whole = do(store, FinishBlob(begun(store, blob).id, time))
    assert isinstance(whole, Blob)
    return whole


def sweep(store: Store, **before: float) -> list[bytes]:
    """Whose content can go after a whole round."""
    times = {"begun": NEVER, "finished": NEVER, "expired": NEVER} | before
    gone: list[bytes] = []
    start = 0
    while True:
        swept = do(store, SweepBlobs(100 * DAY, start=start, **times))
        assert isinstance(swept, Swept)
        gone += swept.gone
        start = swept.start
        if not start:
            return gone


def weight(blobs: Iterable[Blob]) -> int:
    return sum(each.size + BLOB_WEIGHT for each in blobs)


def test_a_blob_is_kept_as_it_was_begun(store: Store) -> None:
    known = begun(store, blob())
    assert store.blob(known.id) == known
    assert store.blob(fresh_id()) is None
    assert known.state is BlobState.BEGUN


def test_beginning_again_gives_the_first_one_and_reserves_no_more(store: Store) -> None:
    first = begun(store, blob())
    again = replace(blob(), creation=first.creation)
    assert do(store, begin(again, most=0, unfinished=0)) == first
    assert store.blob(again.id) is None
    assert store.usage(ALICE.id).files == weight([first])
    of_another = begun(store, replace(blob(BOB), creation=first.creation))
    assert of_another.id != first.id


def test_an_account_reserves_no_more_than_it_may(store: Store) -> None:
    most = weight([blob(), blob()])
    begun(store, blob(), most=most)
    kept = begun(store, blob(), most=most)
    assert refused(store, begin(blob(size=1), most=most)) == "quota_files"
    begun(store, blob(BOB), most=most)
    do(store, DropBlob(kept.id))
    begun(store, blob(), most=most)


def test_all_together_reserve_no_more_than_there_is(store: Store) -> None:
    space = weight([blob(), blob()])
    begun(store, blob(), space=space)
    begun(store, blob(BOB), space=space)
    assert refused(store, begin(blob(size=1), space=space)) == "no_space"


def test_what_is_begun_is_bounded_and_what_is_finished_is_not_in_the_way(store: Store) -> None:
    first = begun(store, blob(), unfinished=1)
    assert refused(store, begin(blob(), unfinished=1)) == "too_many_begun"
    begun(store, blob(BOB), unfinished=1)
    do(store, FinishBlob(first.id, DAY))
    begun(store, blob(), unfinished=1)


def test_finishing_is_harmless_again(store: Store) -> None:
    known = begun(store, blob())
    whole = do(store, FinishBlob(known.id, 2 * DAY))
    assert whole == replace(known, state=BlobState.FINISHED, time=2 * DAY)
    assert do(store, FinishBlob(known.id, 3 * DAY)) == whole
    assert store.blob(known.id) == whole
    assert refused(store, FinishBlob(fresh_id(), DAY)) == "no_blob"


def test_what_was_dropped_is_forgotten(store: Store) -> None:
    known = finished(store, blob())
    do(store, DropBlob(known.id))
    do(store, DropBlob(known.id))
    assert store.blob(known.id) is None
    assert store.usage(ALICE.id).files == 0
    assert store.totals().files == 0
    assert refused(store, FinishBlob(known.id, DAY)) == "no_blob"
    begun(store, replace(blob(), creation=known.creation))


def test_what_is_kept_is_counted(store: Store) -> None:
    one, other = begun(store, blob()), finished(store, blob(size=5 * CHUNK_SIZE))
    of_bob = finished(store, blob(BOB))
    assert store.usage(ALICE.id).files == weight([one, other])
    assert store.usage(BOB.id).files == weight([of_bob])
    totals = store.totals()
    assert (totals.files, totals.file_bytes) == (3, weight([one, other, of_bob]))


class TestSweeping:
    def test_what_was_begun_long_ago_is_dropped(self, store: Store) -> None:
        old, young = begun(store, blob(time=DAY)), begun(store, blob(time=2 * DAY))
        whole = finished(store, blob(time=DAY))
        assert sweep(store, begun=1.5 * DAY) == [old.id]
        assert store.blob(old.id) is None
        assert store.blob(young.id) == young
        assert store.blob(whole.id) == whole
        assert store.usage(ALICE.id).files == weight([young, whole])

    def test_what_was_finished_long_ago_expires_and_is_forgotten_later(self, store: Store) -> None:
        old, young = finished(store, blob(), DAY), finished(store, blob(), 3 * DAY)
        assert sweep(store, finished=2 * DAY) == [old.id]
        expired = store.blob(old.id)
        assert expired == replace(old, state=BlobState.EXPIRED, time=100 * DAY)
        assert store.usage(ALICE.id).files == weight([young])
        assert store.totals().files == 1
        assert sweep(store, finished=2 * DAY, expired=100 * DAY) == []
        assert store.blob(old.id) == expired
        assert refused(store, FinishBlob(old.id, DAY)) == "no_blob"
        assert sweep(store, expired=101 * DAY) == []
        assert store.blob(old.id) is None
        assert store.totals().files == 1

    def test_what_was_in_a_deleted_conversation_goes(self, store: Store) -> None:
        gone = [finished(store, blob()).id, begun(store, blob(BOB)).id]
        kept = finished(store, blob(conversation=DM))
        do(store, delete(CREW, ALICE))
        assert sorted(sweep(store)) == sorted(gone)
        assert [store.blob(each) for each in gone] == [None, None]
        assert store.blob(kept.id) == kept

    @pytest.mark.parametrize("sanction", [Sanction.REMOVED, Sanction.RELEASED])
    def test_what_an_ended_account_has_left_goes(self, store: Store, sanction: Sanction) -> None:
        gone, kept = finished(store, blob()), finished(store, blob(BOB))
        do(store, SetSanction(BOB.id, Sanction.BANNED))
        do(store, SetSanction(ALICE.id, sanction))
        assert sweep(store) == [gone.id]
        assert store.blob(kept.id) == kept

    def test_a_round_looks_at_all_of_them(self, store: Store) -> None:
        count = 2 * SWEPT_AT_ONCE + 7
        store.commit([begin(blob(time=DAY)) for _ in range(count)])
        assert len(set(sweep(store, begun=2 * DAY))) == count
        assert store.totals().files == 0


def test_strays_are_those_of_which_nothing_is_kept(store: Store) -> None:
    unfinished, whole, expired = (
        begun(store, blob()),
        finished(store, blob(), 3 * DAY),
        finished(store, blob(), DAY),
    )
    sweep(store, finished=2 * DAY)
    dropped = begun(store, blob())
    do(store, DropBlob(dropped.id))
    unknown = fresh_id()
    asked = [each.id for each in (unfinished, whole, expired, dropped)]
    assert store.strays([*asked, unknown]) == [expired.id, dropped.id, unknown]
    assert store.strays([]) == []


def test_members_are_those_of_now(store: Store) -> None:
    do(store, create(LOBBY))
    assert not store.is_member(LOBBY.id, ALICE.id)
    do(store, commit(LOBBY, ALICE, 0, add=(ALICE,)))
    assert store.is_member(LOBBY.id, ALICE.id)
    assert not store.is_member(LOBBY.id, BOB.id)
    do(store, leave(LOBBY, ALICE))
    assert not store.is_member(LOBBY.id, ALICE.id)
    assert store.is_member(CREW.id, BOB.id)
    do(store, delete(CREW, ALICE))
    assert not store.is_member(CREW.id, BOB.id)
    assert not store.is_member(fresh_id(), BOB.id)
    assert [store.is_member(DM.id, each) for each in ids(ALICE, BOB)] == [True, True]


def test_what_an_account_may_have_kept_of_files_is_its_own(store: Store) -> None:
    changed = do(store, SetAllowance(ALICE.id, Allowance(files=7)))
    assert changed == replace(ALICE, allowance=Allowance(files=7))
    assert store.account(ALICE.id) == changed
