import typing

import msgspec
import pytest

from geventim.chat.codec import encode, requests
from geventim.chat.requests import AnyRequest, Append, CreateGroup, Login, Request
from geventim.chat.values import EntryKind

KINDS = typing.get_args(AnyRequest)
ID = b"i" * 16


def test_every_request_is_known_to_the_decoder() -> None:
    assert set(KINDS) == set(Request.__subclasses__())


def test_words_on_the_wire_are_different() -> None:
    words = [kind.__struct_config__.tag for kind in KINDS]
    assert len(set(words)) == len(words)
    assert all(word == word.lower() and word.replace("-", "").isalpha() for word in words)


def test_append_is_a_message_without_payload_unless_it_says_more() -> None:
    append = Append(id=1, conversation=ID, message_id=ID)
    assert (append.kind, append.payload) == (EntryKind.MESSAGE, 0)


@pytest.mark.parametrize(
    "message",
    [Login(id=0, nick=""), CreateGroup(id=1, message_id=ID, name="g", members=())],
)
def test_values_without_meaning_are_left_to_the_service(message: msgspec.Struct) -> None:
    assert list(requests.decode(encode(message))) == [(message, b"")]


def test_requests_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Login(id=1, nick="alice").nick = "bob"
