import typing

from geventim.chat.codec import encode, replies
from geventim.chat.replies import (
    AnyEvent,
    AnyReply,
    Change,
    Event,
    PresenceChange,
    Recipient,
    Reply,
)
from geventim.chat.replies import Presence as PresenceEvent
from geventim.chat.values import Status


def test_every_reply_and_event_is_known_to_the_decoder() -> None:
    assert set(typing.get_args(AnyReply)) == set(Reply.__subclasses__())
    assert set(typing.get_args(AnyEvent)) == set(Event.__subclasses__())


def test_words_on_the_wire_are_different() -> None:
    kinds = typing.get_args(AnyReply) + typing.get_args(AnyEvent)
    words = [kind.__struct_config__.tag for kind in kinds]
    assert len(set(words)) == len(words)


def test_replies_have_the_id_of_a_request_and_events_have_none() -> None:
    assert all("id" in kind.__struct_fields__ for kind in typing.get_args(AnyReply))
    assert not any("id" in kind.__struct_fields__ for kind in typing.get_args(AnyEvent))


def test_recipient_can_be_talked_to_unless_it_says_otherwise() -> None:
    assert Recipient("bob") == Recipient("bob", Status.NORMAL, connected=True)


def test_changes_of_presence_stay_in_order() -> None:
    changes = tuple(PresenceChange("alice", turn, Status.AWAY) for turn in Change)
    ((event, _),) = replies.decode(encode(PresenceEvent(changes=changes)))
    assert event == PresenceEvent(changes=changes)
