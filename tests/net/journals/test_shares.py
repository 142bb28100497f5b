"""What goes into the next transaction, when there is more than fits."""

import pytest

from geventim.chat.limits import BULK as WEIGHS_ONE_MORE
from geventim.chat.values import Conversation, EntryKind, Kind, Status
from geventim.log.blobs import BeginBlob, Blob, DropBlob, FinishBlob
from geventim.log.changes import (
    AddKeyPackages,
    Append,
    Commit,
    Create,
    GiveState,
    TakeKeyPackage,
    weight,
    whose,
)
from geventim.log.people import Allow, SetStatus
from geventim.net.journals.shares import Mark, Shares, Waiting


def message(author, number, size=0):
    return Append(bytes(16), author, EntryKind.MESSAGE, bytes([number]), 0.0, payload=bytes(size))


def waiting(*changes):
    return [Waiting(each, print, 0 if isinstance(each, Mark) else weight(each)) for each in changes]


def changes(batch):
    return [each.change for each in batch]


def test_what_fits_goes_as_it_came():
    asked = waiting(message(b"a", 1), Mark(), message(b"b", 2), Allow("c"))
    assert Shares().take(asked) == (asked, [])


def test_who_says_a_word_waits_for_nobody_who_says_much():
    crowd = [message(b"a", number) for number in range(5)]
    batch, left = Shares(most=2).take(waiting(*crowd, message(b"b", 9)))
    assert changes(batch) == [crowd[0], message(b"b", 9)]
    assert changes(left) == crowd[1:]


def test_all_have_the_same_share_while_it_is_crowded():
    asked = waiting(*(message(who, number) for number in range(4) for who in (b"a", b"b", b"c")))
    shares, order = Shares(most=2), []
    while asked:
        batch, asked = shares.take(asked)
        order += [(change.author, change.message_id[0]) for change in changes(batch)]
    assert [who for who, _ in order] == [b"a", b"b", b"c"] * 4
    assert [number for _, number in order] == [n for n in range(4) for _ in "abc"]


def test_who_has_had_their_share_waits_for_who_comes():
    shares = Shares(most=2)
    _, left = shares.take(waiting(*(message(b"a", number) for number in range(6))))
    batch, _ = shares.take([*left, *waiting(message(b"b", 7))])
    assert message(b"b", 7) in changes(batch)
    # Nor does who has come late get more than from now on.
    latecomers = waiting(*(message(b"c", number) for number in range(4)))
    batch, _ = shares.take([*left[2:], *latecomers])
    assert {change.author for change in changes(batch)} == {b"a", b"c"}


def test_large_ones_count_as_what_they_are():
    large = [message(b"a", number, 40 * WEIGHS_ONE_MORE) for number in range(3)]
    shares = Shares()
    batch, left = shares.take(waiting(*large, message(b"b", 1)))
    assert changes(batch) == [message(b"b", 1)]
    batch, left = shares.take(left)
    assert changes(batch) == large[:1]
    assert changes(left) == large[1:]


def test_every_other_transaction_is_for_words_alone():
    large, shares, order = [message(b"a", n, 20 * WEIGHS_ONE_MORE) for n in range(3)], Shares(), []
    asked = waiting(*large)
    for number in range(4):
        batch, asked = shares.take([*asked, *waiting(message(b"b", number))])
        order.append(changes(batch))
    words = [message(b"b", number) for number in range(4)]
    assert order == [words[:1], [words[1], large[0]], words[2:3], [words[3], large[1]]]


def test_a_word_stays_behind_what_its_author_did_before():
    commit = Commit(bytes(16), b"b", b"1", 0.0, 0, bytes(40 * WEIGHS_ONE_MORE), b"", b"", (), ())
    crowd = [message(b"a", n, 40 * WEIGHS_ONE_MORE) for n in range(2)]
    shares, order = Shares(), []
    asked = waiting(*crowd, commit, message(b"b", 2), Mark(b"b"), message(b"c", 1))
    while asked:
        batch, asked = shares.take(asked)
        order += changes(batch)
    assert order[0] == message(b"c", 1)
    assert order.index(commit) < order.index(message(b"b", 2)) < order.index(Mark(b"b"))


def test_who_comes_first_with_much_waits_for_a_word():
    crowd = [message(bytes([who]), 1, 60 * WEIGHS_ONE_MORE) for who in range(9)]
    batch, left = Shares().take(waiting(*crowd, message(b"b", 1)))
    assert changes(batch) == [message(b"b", 1)]
    assert changes(left) == crowd


def test_one_that_is_larger_than_all_may_be_goes_alone():
    huge = message(b"a", 1, 90 * WEIGHS_ONE_MORE)
    shares = Shares()
    batch, left = shares.take(waiting(huge, message(b"a", 2)))
    assert changes(batch) == [huge]
    assert changes(shares.take(left)[0]) == [message(b"a", 2)]


def test_what_is_large_has_its_turn_however_many_come_with_little():
    shares, waited = Shares(most=2), 0
    large = message(b"a", 1, 4 * WEIGHS_ONE_MORE)
    asked, comers = waiting(large), iter(range(256))
    while large in changes(asked):
        asked += waiting(*(message(bytes([next(comers)]), 2) for _ in range(3)))
        _, asked = shares.take(asked)
        waited += 1
    assert waited <= 24


def test_a_mark_comes_after_all_that_was_before_it():
    shares, order = Shares(most=2), []
    asked = waiting(*(message(b"a", number) for number in range(4)), Mark(), message(b"b", 9))
    while asked:
        batch, asked = shares.take(asked)
        order += changes(batch)
    assert order.index(Mark()) == 5
    assert order.index(message(b"b", 9)) == 1


def test_a_mark_of_an_account_comes_after_what_is_its_own():
    asked = waiting(*(message(b"a", number) for number in range(6)), message(b"b", 9), Mark(b"b"))
    shares, order = Shares(most=2), []
    while asked:
        batch, asked = shares.take(asked)
        order += changes(batch)
    assert order.index(message(b"b", 9)) < order.index(Mark(b"b")) <= 3


@pytest.mark.parametrize(
    ("change", "account"),
    [
        (message(b"a", 1), b"a"),
        (Commit(bytes(16), b"c", bytes(16), 0.0, 1, b"", b""), b"c"),
        (GiveState(bytes(16), b"g", 0, b""), b"g"),
        (AddKeyPackages(b"k", (), 0.0), b"k"),
        (SetStatus(b"s", Status.AWAY), b"s"),
        (Create(Conversation(bytes(16), Kind.ROOM, "den", b"o"), ()), b"o"),
        (BeginBlob(Blob(bytes(16), bytes(16), b"b", b"", 1, 0.0), None, None, 1), b"b"),
        (FinishBlob(bytes(16), 0.0, b"f"), b"f"),
        (DropBlob(bytes(16), b"d"), b"d"),
        (TakeKeyPackage(b"t", 0.0), b""),
        (Allow("c"), b""),
    ],
    ids=lambda each: type(each).__name__,
)
def test_whose_a_change_is(change, account):
    assert whose(change) == account
