import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.client.sealing.content import (
    END_OF_TIME,
    EXCERPT,
    LONGEST,
    SEALED,
    SHORTEST,
    TEXT_SIZE,
    Act,
    Content,
    ContentKind,
    File,
    Format,
    Reaction,
    Reply,
    again,
    decode,
    encode,
    message_id,
    parse,
)
from geventim.errors import PeerError, UserError
from geventim.wire.frames import prefix

ANY = frozenset(ContentKind)
ID = bytes(range(16))
ENTRY = bytes(range(16, 32))
BOB = b"b" * 16
PLACE = b"p" * 16
REFERENCE = "AAECAwQFBgcICQoLDA0ODw=="
VALID = {"nick": "bob", "message": "hi", "date": 1.5, "kind": "room"}


def frame(fields) -> bytes:
    return prefix(json.dumps(fields).encode())


def test_a_content_is_the_frame_that_was_promised():
    payload = encode(Content("bob", "grüße", 12.5, ContentKind.GROUP))
    assert int.from_bytes(payload[:4], "big") == len(payload) - 4
    assert json.loads(payload[4:]) == {
        "nick": "bob",
        "message": "grüße",
        "date": 12.5,
        "kind": "group",
    }


@given(
    st.text(max_size=200),
    st.floats(min_value=0, max_value=END_OF_TIME, exclude_max=True),
    st.sampled_from(sorted(ANY - SEALED)),
)
def test_what_was_encoded_is_decoded(text, date, kind):
    content = Content("bob", text, date, kind)
    assert decode(encode(content), "bob", ANY) == content


def test_a_secret_keeps_its_bytes():
    content = Content("bob", "", 1.0, ContentKind.SECRET, b"\0\xff" * 40)
    assert decode(encode(content), "bob", ANY) == content


@pytest.mark.parametrize("missing", sorted(VALID))
def test_every_field_is_needed(missing):
    fields = {name: value for name, value in VALID.items() if name != missing}
    with pytest.raises(PeerError):
        decode(frame(fields), "bob", ANY)


WRONG = [
    ("nick", None),
    ("nick", "alice"),
    ("nick", "Bob"),
    ("nick", 1),
    ("message", None),
    ("message", 7),
    ("message", ["hi"]),
    ("date", "x"),
    ("date", "1.5"),
    ("date", 1e300),
    ("date", float("nan")),
    ("date", float("inf")),
    ("date", -1),
    ("date", -1e-9),
    ("date", END_OF_TIME),
    ("date", None),
    ("date", True),
    ("kind", "rumour"),
    ("kind", None),
    ("kind", "secret"),
    ("sealed", "AAAA"),
    ("sealed", 3),
    ("sealed", "*"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_field_is_the_peers_fault(name, value):
    with pytest.raises(PeerError):
        decode(frame(VALID | {name: value}), "bob", ANY)


def test_fields_of_later_versions_are_ignored():
    assert decode(frame(VALID | {"mood": ["fine"]}), "bob", ANY).message == "hi"


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\0\0\0",
        frame(VALID)[:-1],
        frame(VALID) + b"\0",
        frame(VALID) * 2,
        b"\xff\xff\xff\xff" + frame(VALID)[4:],
        frame([VALID]),
        frame("bob"),
        prefix(b'{"nick":"bob","message":"\xff","date":1,"kind":"room"}'),
        prefix(b'{"nick":"bob","message":"\\ud800","date":1,"kind":"room"}'),
        prefix(b"[" * 10_000 + b"]" * 10_000),
        prefix(b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    ],
)
def test_malformed_contents_are_the_peers_fault(payload):
    with pytest.raises(PeerError):
        decode(payload, "bob", ANY)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_value_or_a_peer_error(data):
    for payload in (data, prefix(data)):
        with contextlib.suppress(PeerError):
            decode(payload, "bob", ANY)


def test_a_content_must_fit_its_conversation():
    with pytest.raises(PeerError):
        decode(frame(VALID), "bob", ANY - {ContentKind.ROOM})


def test_the_longest_message_fits_and_no_longer_one():
    longest = Content("bob", "ü" * (TEXT_SIZE // 2), 1.0, ContentKind.ROOM)
    assert parse(encode(longest)) == longest
    for text in (longest.message + "x", "\x01" * TEXT_SIZE):
        with pytest.raises(UserError) as caught:
            encode(Content("bob", text, 1.0, ContentKind.ROOM))
        assert caught.value.code == "too_large"


def test_the_longest_message_with_everything_around_it_fits():
    picture = File("é" * 255, 2**31, bytes(32), bytes(32), ID, "image/png", 9, 9, bytes(8192))
    reply = Reply(ID, "n" * 32, "é" * EXCERPT)
    said = Content(
        "bob", "x" * TEXT_SIZE, 1.0, ContentKind.ROOM, id=ID, reply=reply, files=(picture,)
    )
    assert parse(encode(said)) == said


def test_no_repr_shows_the_text():
    assert "hi" not in repr(Content("bob", "hi", 1.0, ContentKind.ROOM))


def test_own_content_is_parsed_whoever_it_is_from():
    content = Content("bob", "hi", 1.0, ContentKind.KEY, b"s")
    assert parse(encode(content)) == content


@pytest.mark.parametrize("kind", sorted(ANY - SEALED))
def test_nothing_but_secrets_and_keys_has_a_sealed_part(kind):
    with pytest.raises(PeerError):
        decode(encode(Content("bob", "hi", 1.0, kind, b"s")), "bob", ANY)


def test_every_member_is_carried():
    said = Content(
        "bob",
        "look",
        1.0,
        ContentKind.GROUP,
        id=ID,
        reply=Reply(ENTRY, "alice", "is there"),
        expires=60,
        files=(File("a.txt", 3, bytes(32), bytes(32), ENTRY),),
        format=Format.PLAIN,
    )
    assert parse(encode(said)) == said


@pytest.mark.parametrize(
    ("members", "act"),
    [
        ({}, Act.SAY),
        ({"replaces": ID}, Act.EDIT),
        ({"retracts": ID}, Act.RETRACT),
        ({"reaction": Reaction(ID, "👍")}, Act.REACT),
        ({"read": 0}, Act.READ),
        ({"timer": 0}, Act.SET_TIMER),
        ({"message": ""}, Act.UNKNOWN),
        ({"message": "", "files": (File("a", 0, bytes(32), bytes(32), ID),)}, Act.SAY),
        ({"message": "", "reply": Reply(ID, "alice")}, Act.UNKNOWN),
    ],
)
def test_a_frame_does_one_thing(members, act):
    said = Content(**({"nick": "bob", "message": "hi", "date": 1.0, "kind": "room"} | members))
    assert parse(encode(said)).act is act


HOSTILE = [
    ("reply", "hi"),
    ("reply", {"to": "AAAA", "nick": "alice"}),
    ("reply", {"to": REFERENCE, "nick": "alice", "excerpt": "x" * (EXCERPT + 1)}),
    ("replaces", 5),
    ("replaces", "AAAA"),
    ("replaces", [REFERENCE]),
    ("retracts", "*"),
    ("reaction", "👍"),
    ("reaction", {"to": REFERENCE, "emoji": "x" * 33}),
    ("read", -1),
    ("read", 2**53),
    ("read", 1.5),
    ("expires", -1),
    ("expires", "60"),
    ("expires", 1e300),
    ("timer", -1),
    ("timer", True),
    ("files", {}),
    ("files", [{}]),
    ("files", [{"name": "a", "size": -1}]),
    ("format", "html"),
]


@pytest.mark.parametrize(("name", "value"), HOSTILE)
def test_a_member_that_makes_no_sense_is_left_out(name, value):
    assert parse(frame(VALID | {name: value})) == Content("bob", "hi", 1.5, ContentKind.ROOM)


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"0x1F", b"01"])
def test_what_is_no_number_is_no_content(number):
    with pytest.raises(PeerError):
        parse(prefix(json.dumps(VALID).encode()[:-1] + b', "expires": ' + number + b"}"))


def test_who_does_two_things_at_once_does_neither():
    both = parse(frame(VALID | {"replaces": REFERENCE, "retracts": REFERENCE}))
    assert both == Content("bob", "hi", 1.5, ContentKind.ROOM)


@pytest.mark.parametrize(
    ("expires", "lifetime"),
    [(0, 0), (1, SHORTEST), (60, 60), (10**9, LONGEST), (2**53 - 1, LONGEST)],
)
def test_a_lifetime_has_bounds(expires, lifetime):
    assert parse(frame(VALID | {"expires": expires})).lifetime == lifetime


def written(payload, entry):
    """The payload as it is written again after the ``entry``."""
    return again(parse(payload), payload, entry)


def id_of(account, payload, place=PLACE):
    return message_id(account, place, parse(payload), payload)


class TestMessageId:
    said = encode(Content("bob", "hi", 1.0, ContentKind.ROOM, id=ID))

    def test_it_is_the_same_however_often_it_is_written(self):
        assert written(written(self.said, ENTRY), ID) == self.said

    def test_it_is_the_same_for_one_that_drew_no_id(self):
        old = encode(Content("bob", "hi", 1.0, ContentKind.ROOM))
        once = written(old, ID)
        assert id_of(BOB, once) == id_of(BOB, written(once, ENTRY))
        assert id_of(BOB, once) != id_of(BOB, written(old, ENTRY))

    def test_two_texts_of_one_id_are_two_messages(self):
        other = encode(Content("bob", "ho", 1.0, ContentKind.ROOM, id=ID))
        assert id_of(BOB, self.said) != id_of(BOB, other)

    def test_nobody_else_has_it(self):
        assert id_of(BOB, self.said) != id_of(b"m" * 16, self.said)

    def test_it_has_another_one_elsewhere(self):
        assert id_of(BOB, self.said) != id_of(BOB, self.said, b"q" * 16)

    def test_it_has_the_same_wherever_two_people_will_talk(self):
        private = encode(Content("bob", "hi", 1.0, ContentKind.PRIVATE, id=ID))
        assert id_of(BOB, private) == id_of(BOB, private, b"")

    def test_members_that_a_program_does_not_know_are_a_part_of_it(self):
        one, other = (frame(VALID | {"id": REFERENCE, "mood": mood}) for mood in ("good", "bad"))
        assert id_of(BOB, one) != id_of(BOB, other)
