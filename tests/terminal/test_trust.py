import pytest

from geventim.client.events import (
    Acquaintance,
    KeyChanged,
    Members,
    Message,
    RoomCode,
    SafetyNumber,
    Secret,
    Trusted,
)
from geventim.client.people.trust import News, Standing
from geventim.client.sealing.content import ContentKind
from geventim.crypto.readable import encode_key, format_key
from geventim.terminal.rendering import Renderer, Tone
from geventim.terminal.trust import answer, warn

KEY = encode_key(b"k" * 32)


def line(event):
    rendered = Renderer("lobby").render(event)
    return rendered.prefix + rendered.text


def test_a_warning_says_who_and_what_to_do():
    text = warn(KeyChanged("bob", KEY, News.OTHER_KEY, "bob"))
    assert format_key(KEY) in text
    for command in ("'@trust bob'", "'@verify bob'"):
        assert command in text
    assert "the identity key of bob" in warn(KeyChanged("robert", KEY, News.OTHER_NICK, "bob"))
    assert "looks like 'bob'" in warn(KeyChanged("b0b", KEY, News.LOOKALIKE, "bob"))
    rendered = Renderer("lobby").render(KeyChanged("bob", KEY, News.OTHER_KEY, "bob"))
    assert (rendered.tone, rendered.prefix) == (Tone.PROBLEM, "[Warning]: ")


def test_a_number_is_shown_in_groups_with_what_to_do():
    text = line(SafetyNumber("bob", "0123456789" * 6, Standing.UNVERIFIED))
    assert "01234 56789 01234" in text
    assert text.endswith("@verify bob ok")
    assert text.startswith("* ")
    assert "new key" in line(SafetyNumber("bob", "0" * 60, Standing.CHANGED))
    assert "ok" not in line(SafetyNumber("bob", "0" * 60, Standing.VERIFIED))


def test_a_room_code_says_for_whom_it_is():
    text = line(RoomCode("lobby", 7, 3, "1" * 30))
    assert "'lobby' (3 members): 11111 11111" in text
    assert "(1 member):" in line(RoomCode("lobby", 0, 1, "1" * 30))


def test_decisions_are_confirmed():
    assert line(Trusted("bob", KEY, Standing.VERIFIED)) == "* bob is verified."
    assert format_key(KEY) in line(Trusted("bob", KEY, Standing.UNVERIFIED))


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing.VERIFIED, "bob: verified;"),
        (Standing.UNVERIFIED, "bob: not verified;"),
        (Standing.CHANGED, "bob: has another key than before"),
    ],
)
def test_somebody_is_described(standing, words):
    event = Acquaintance("bob", "ab" * 16, KEY, 1_700_000_000.0, standing, ("lobby", "team"))
    text = line(event)
    assert words in text
    for part in ("ab" * 16, format_key(KEY), "first seen 2023-11-1", "lobby, team"):
        assert part in text
    stranger = Acquaintance("bob", "ab" * 16, KEY, 1.0, standing, ())
    assert "nowhere" in line(stranger)


def test_other_events_are_not_ours():
    assert answer(KeyChanged("bob", KEY, News.OTHER_KEY, "bob")) is None


def test_who_is_verified_is_marked():
    def message(verified, kind=ContentKind.ROOM, conversation="lobby"):
        return line(Message(conversation, kind, "bob", "hi", 0.0, 1, verified))

    assert message(False) == "[lobby] bob: hi"
    assert message(True) == "[lobby] bob✓: hi"
    assert message(True, ContentKind.PRIVATE, "bob") == "[Private from bob✓]: hi"
    assert message(True, ContentKind.GROUP, "team") == "[Group team - bob✓]: hi"
    assert line(Secret(1, "bob", 0.0, True)) == "Secret message #1 from bob✓: @open 1"


def test_what_one_wrote_in_private_is_told_as_such():
    own = Message("bob", ContentKind.PRIVATE, "alice", "hi", 0.0, 1, history=True)
    assert line(own) == "[Private to bob]: hi"
    assert Renderer("lobby").render(own).tone is Tone.PAST


def test_newcomers_come_with_their_state():
    text = line(Members("lobby", ("bob",), (), "bob"))
    assert text == "* bob (not verified) joined 'lobby'."
    text = line(Members("team", ("bob", "carol"), ("dora",), "alice", ("carol",)))
    assert text == (
        "* bob (not verified), carol (verified) joined 'team' by alice; dora left 'team' by alice."
    )
