import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat.administration import (
    MOST_USES,
    Allow,
    Announce,
    Answer,
    Command,
    Delete,
    Invite,
    Invites,
    Judge,
    Kick,
    Operator,
    Quota,
    Revoke,
    Status,
    Users,
    Verb,
    decode_answer,
    decode_command,
    encode,
)
from geventim.errors import PeerError

COMMANDS = [
    Announce("hello"),
    Invite(3, 30),
    Invites(),
    Revoke("code"),
    Quota("alice", 5, None, reset=True),
    Allow("alice"),
    Operator("alice", operator=False),
    Judge("alice", Verb.RELEASE),
    Kick("alice", "lobby"),
    Delete("alice/friends"),
    Users(),
    Status(),
]


def test_every_command_is_tested_here() -> None:
    assert {type(command) for command in COMMANDS} == set(Command.__subclasses__())


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_come_back(command: Command) -> None:
    assert decode_command(encode(command)) == command


@given(st.booleans(), st.lists(st.text()).map(tuple))
def test_answers_come_back(done: bool, lines: tuple[str, ...]) -> None:
    assert decode_answer(encode(Answer(done, lines))) == Answer(done, lines)


@pytest.mark.parametrize("uses", [0, -1, MOST_USES + 1, 1.5, "1", None, True])
def test_invites_are_for_a_number_of_people(uses: object) -> None:
    with pytest.raises(PeerError):
        decode_command(msgspec.json.encode({"type": "invite", "uses": uses, "days": 1}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"type": "shutdown"}',
        b'{"type": "allow"}',
        b'{"type": "allow", "nick": "\xff"}',
        b'{"type": "allow", "nick": "\\ud800"}',
        b'{"type": "users"} x',
        b'{"x":' * 100_000,
        msgspec.json.encode({"type": "allow", "nick": "a" * 1000}),
        msgspec.json.encode({"type": "announce", "text": "a" * 100_000}),
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PeerError):
        decode_command(data)
    with pytest.raises(PeerError):
        decode_answer(data)


@given(st.binary())
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    for decode in (decode_command, decode_answer):
        try:
            decode(data)
        except PeerError:
            continue
