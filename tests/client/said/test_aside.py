import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.client.said.aside import (
    KINDS,
    NOTHING,
    OPINIONS,
    Aside,
    Count,
    alter,
    read_aside,
    shorten,
    unquote,
)
from geventim.client.said.changes import Change, Edit, Opinion, Retraction
from geventim.client.sealing.content import Content, ContentKind, Format, Reply

ABOUT = bytes(range(16))
BOB, EVE, ANN = (letter * 16 for letter in (b"b", b"e", b"a"))

CHANGES = st.lists(
    st.tuples(st.sampled_from([BOB, EVE, ANN]), st.sampled_from("edr"), st.text(max_size=3)),
    max_size=12,
).map(
    lambda made: [
        change(seq, account, kind, text) for seq, (account, kind, text) in enumerate(made, 2)
    ]
)


def change(seq, account, kind, text) -> Change:
    nick = account[:1].decode()
    if kind == "e":
        return Edit(ABOUT, account, nick, seq, text)
    if kind == "d":
        return Retraction(ABOUT, account, nick, seq, account == ANN)
    return Opinion(ABOUT, account, nick, seq, text)


def now(changes, text="first", aside=NOTHING):
    for each in changes:
        text, aside = alter(text, aside, BOB, each)
    return text, aside


@given(CHANGES, st.randoms())
def test_neither_order_nor_repetition_makes_a_difference(changes, random):
    shuffled = changes + random.choices(changes, k=5) if changes else []
    random.shuffle(shuffled)
    assert now(shuffled) == now(changes)


@given(CHANGES)
def test_only_the_author_and_the_founder_can_touch_a_text(changes):
    text, aside = now([each for each in changes if each.account == EVE])
    assert text == "first"
    assert not aside.edited
    assert not aside.retracted


@given(CHANGES)
def test_what_is_kept_says_the_same(changes):
    _, aside = now(changes)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(aside), type=Aside) == aside


def test_the_last_edit_counts():
    text, aside = now([change(9, BOB, "e", "last"), change(5, BOB, "e", "second")])
    assert (text, aside.edited) == ("last", 9)


def test_an_edit_says_whether_it_has_markup():
    _, aside = now([Edit(ABOUT, BOB, "b", 2, "*new*", is_plain=True)])
    assert aside.is_plain


@pytest.mark.parametrize("author", [BOB, ANN])
def test_nothing_is_left_of_what_was_retracted(author):
    came = Aside(reply=Reply(ABOUT, "ann", "words"), lifetime=60)
    changes = [change(2, EVE, "r", "👍"), change(3, author, "d", ""), change(4, BOB, "e", "again")]
    text, aside = now(changes, aside=came)
    assert text == ""
    assert aside == Aside(retracted=3, by=author[:1].decode(), lifetime=60)


def test_the_first_retraction_is_the_one_that_counts():
    both = [change(5, ANN, "d", ""), change(3, BOB, "d", "")]
    assert now(both)[1].by == "b"


def test_one_account_has_one_reaction():
    _, aside = now([change(2, EVE, "r", "👍"), change(3, EVE, "r", "❤")])
    assert aside.counts == [Count("❤", ("e",))]
    _, aside = now([change(4, EVE, "r", "")], aside=aside)
    assert aside.counts == []
    assert alter("first", aside, BOB, change(3, EVE, "r", "❤")) == ("first", aside)


def test_the_most_frequent_reactions_are_shown():
    def person(number):
        return number.to_bytes(16, "big")

    changes = [
        Opinion(ABOUT, person(number), str(number), number, chr(0x1F600 + number % 30))
        for number in range(2, 35)
    ]
    counts = now(changes)[1].counts
    assert len(counts) == KINDS
    assert counts[0].nicks == ("2", "32")
    assert [len(each.nicks) for each in counts] == [2, 2, 2] + [1] * 17
    assert counts[3].nicks == ("5",)


def test_no_more_reactions_are_kept_than_people_can_be_there():
    changes = [
        Opinion(ABOUT, number.to_bytes(16, "big"), "x", number, "👍") for number in range(1, 1100)
    ]
    _, aside = now(changes)
    assert len(aside.opinions) == OPINIONS
    assert now(reversed(changes))[1] == aside
    assert len(msgspec.msgpack.encode(aside)) < 48 * 1024


def test_what_came_with_a_message_stands_beside_it():
    reply = Reply(ABOUT, "ann", "words")
    said = Content("bob", "hi", 1.0, ContentKind.ROOM, reply=reply, expires=5, format=Format.PLAIN)
    assert read_aside(said) == Aside(reply=reply, lifetime=30, is_plain=True)
    assert read_aside(Content("bob", "hi", 1.0, ContentKind.ROOM)) == NOTHING


@pytest.mark.parametrize("retraction", [change(2, EVE, "d", ""), change(2, ANN, "d", "")])
def test_words_go_with_the_message_that_they_are_from(retraction):
    quoting = Aside(reply=Reply(ABOUT, "e", "words"))
    assert unquote(quoting, retraction).reply == Reply(ABOUT, "e")
    assert shorten(quoting).reply == Reply(ABOUT, "e")


def test_nobody_else_takes_words_away():
    assert unquote(Aside(reply=Reply(BOB, "e", "words")), change(2, EVE, "d", "")).reply.excerpt
    assert unquote(Aside(reply=Reply(ABOUT, "b", "words")), change(2, EVE, "d", "")).reply.excerpt
    assert unquote(NOTHING, change(2, ANN, "d", "")) is NOTHING
    assert shorten(NOTHING) is NOTHING
