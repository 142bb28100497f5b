"""A member writes the very same content in two conversations: nobody mistakes one for the other."""

from types import SimpleNamespace
from typing import Any

import pytest

from geventim.client import wishes
from geventim.client.answers import Said
from geventim.client.events import Message, Reacted
from geventim.client.following import courier
from tests.client.person import Person
from tests.client.world import World

HERE, THERE = "#team", "#club"

WORDS = "see you at noon"

PADDING = 70
"""Messages that are more than a page of the history."""


class Twins(SimpleNamespace):
    """What mallory says in one group, mallory has said in another one.

    ``here`` and ``there`` are the ids of the two by alice's copy. alice has made the group here,
    mallory the one there.
    """

    world: World
    alice: Person
    bob: Person
    here: str
    there: str


@pytest.fixture(params=["at hand", "in pages of long ago"])
def twins(world: World, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Twins:
    alice, bob, mallory = world.enter("alice", "bob", "mallory")
    seal, written = courier.seal, list[bytes]()

    def repeat(conversation: Any, parcel: Any, testimony: bytes) -> None:
        content = parcel.content
        if conversation.user.nick == "mallory":
            written.append(content)
            parcel.content = written[0]
        seal(conversation, parcel, testimony)
        parcel.content = content

    monkeypatch.setattr(courier, "seal", repeat)
    wish(world, mallory, wishes.CreateGroup, name="club", members=("alice",))
    wish(world, alice, wishes.CreateGroup, name="team", members=("bob", "mallory"))
    for place in (THERE, HERE):
        wish(world, mallory, wishes.Say, to=place, text=WORDS)
    ids = {each.conversation: each.message_id for each in alice.seen(Message)}
    if request.param != "at hand":
        for place in (THERE, HERE):
            for _ in range(PADDING):
                wish(world, alice, wishes.Say, to=place, text="and so on")
    return Twins(world=world, alice=alice, bob=bob, here=ids["team"], there=ids["club"])


def wish(world: World, person: Person, kind: Any, **fields: Any) -> Any:
    """What came of it."""
    number = len(person.answers())
    person.wish(kind(id=number, **fields))
    world.advance()
    return person.answers()[number]


def test_each_is_a_message_of_its_own(twins: Twins) -> None:
    assert twins.here != twins.there
    assert twins.here in {each.message_id for each in twins.bob.seen(Message)}


def test_an_answer_is_one_to_the_message_that_is_meant(twins: Twins) -> None:
    for place, about in ((HERE, twins.here), (THERE, twins.there)):
        fields = {"to": place, "text": f"read {place}", "reply_to": about}
        assert isinstance(wish(twins.world, twins.alice, wishes.Say, **fields), Said)
    assert "read #team" in twins.bob.texts("team")


def test_a_reaction_goes_where_the_message_is_that_is_meant(twins: Twins) -> None:
    wish(twins.world, twins.alice, wishes.React, message_id=twins.here, reaction="tada")
    assert [each.conversation for each in twins.bob.seen(Reacted)] == ["team"]
    assert [each.conversation for each in twins.alice.seen(Reacted)] == ["team"]


def test_who_has_made_a_group_deletes_what_was_said_there_and_nothing_else(twins: Twins) -> None:
    done = wish(twins.world, twins.alice, wishes.DeleteMessage, message_id=twins.here)
    assert isinstance(done, Said)
    assert left(twins, twins.bob) == []
    assert left(twins, twins.alice) == ["club"]


def test_a_page_around_it_is_one_around_the_message_that_is_meant(twins: Twins) -> None:
    for place, about in (("team", twins.here), ("club", twins.there)):
        page = wish(twins.world, twins.alice, wishes.Timeline, around=about, limit=1)
        assert [each.conversation for each in page.messages] == [place]


def left(twins: Twins, person: Person) -> list[str]:
    """Where somebody has the words."""
    found = wish(twins.world, person, wishes.Search, words=(WORDS,))
    return [each.conversation for each in found.messages]
