import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.client.sealing.content import (
    END_OF_TIME,
    LARGEST,
    SEALED,
    Content,
    ContentKind,
    decode,
    encode,
    parse,
)
from geventim.errors import PeerError, UserError
from geventim.wire.frames import prefix

ANY = frozenset(ContentKind)
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
    room = LARGEST - len(encode(Content("bob", "", 1.0, ContentKind.ROOM)))
    longest = Content("bob", "x" * room, 1.0, ContentKind.ROOM)
    assert len(encode(longest)) == LARGEST
    with pytest.raises(UserError) as caught:
        encode(Content("bob", "x" * (room + 1), 1.0, ContentKind.ROOM))
    assert caught.value.code == "too_large"


def test_no_repr_shows_the_text():
    assert "hi" not in repr(Content("bob", "hi", 1.0, ContentKind.ROOM))


def test_own_content_is_parsed_whoever_it_is_from():
    content = Content("bob", "hi", 1.0, ContentKind.KEY, b"s")
    assert parse(encode(content)) == content


@pytest.mark.parametrize("kind", sorted(ANY - SEALED))
def test_nothing_but_secrets_and_keys_has_a_sealed_part(kind):
    with pytest.raises(PeerError):
        decode(encode(Content("bob", "hi", 1.0, kind, b"s")), "bob", ANY)
