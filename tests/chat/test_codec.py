import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat import limits
from geventim.chat.codec import Malformed, encode, replies, requests, split
from geventim.chat.replies import AnyEvent, AnyReply, Appended, EntryEvent, LoggedIn, NameList
from geventim.chat.requests import AnyRequest, Append, Login, Quit, SetStatus
from geventim.chat.values import Status
from geventim.errors import PeerError
from geventim.wire.frames import prefix

inspect = msgspec.inspect


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Every value that a field of this type may have."""
    match kind:
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{f.name: values(f.type) for f in fields if f.name != "payload"})
        case inspect.UnionType(types=types):
            return st.one_of(map(values, types))
        case inspect.Metadata(type=inner):
            return values(inner)
        case inspect.IntType(ge=low, le=high):
            return st.integers(low, high)
        case inspect.StrType(min_length=least, max_length=most):
            return st.text(min_size=least or 0, max_size=min(40, most or 40))
        case inspect.BytesType(min_length=least, max_length=most):
            return st.binary(min_size=least or 0, max_size=most)
        case inspect.VarTupleType(item_type=item, min_length=least):
            return st.lists(values(item), min_size=least or 0, max_size=3).map(tuple)
        case inspect.EnumType(cls=cls):
            return st.sampled_from(cls)
        case inspect.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case _:
            raise NotImplementedError(kind)


any_request = values(inspect.type_info(AnyRequest))
any_reply = values(inspect.type_info(AnyReply | AnyEvent))
DECODERS = [requests, replies]
ID = b"i" * 16
APPEND = Append(id=3, conversation=ID, message_id=ID, payload=4)


def frame(**fields: object) -> bytes:
    return prefix(json.dumps(fields).encode())


def with_payload(message: msgspec.Struct, payload: bytes) -> tuple[msgspec.Struct, bytes]:
    if hasattr(message, "payload"):
        return msgspec.structs.replace(message, payload=len(payload)), payload
    return message, b""


@given(st.lists(st.tuples(any_request, st.binary()), max_size=4))
def test_requests_come_back(pairs: list[tuple[msgspec.Struct, bytes]]) -> None:
    pairs = [with_payload(*pair) for pair in pairs]
    assert list(requests.decode(b"".join(encode(*pair) for pair in pairs))) == pairs


@given(st.lists(st.tuples(any_reply, st.binary()), max_size=4))
def test_replies_come_back(pairs: list[tuple[msgspec.Struct, bytes]]) -> None:
    pairs = [with_payload(*pair) for pair in pairs]
    assert list(replies.decode(b"".join(encode(*pair) for pair in pairs))) == pairs


@pytest.mark.parametrize("decoder", DECODERS)
@given(data=st.binary())
def test_any_bytes_are_messages_or_refused(decoder: Any, data: bytes) -> None:
    check(decoder, data)


@pytest.mark.parametrize("decoder", DECODERS)
@given(data=st.binary())
def test_any_object_is_a_message_or_refused(decoder: Any, data: bytes) -> None:
    check(decoder, prefix(data))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted(
    {
        f.name
        for kind in (AnyRequest, AnyReply, AnyEvent)
        for struct in inspect.multi_type_info(kind.__args__)
        for f in struct.fields
    }
)


@pytest.mark.parametrize("decoder", DECODERS)
@given(
    kind=st.sampled_from(["login", "append", "entry", "presence", "logged-in", "unknown"]),
    fields=st.dictionaries(st.sampled_from(FIELDS), json_values),
    data=st.data(),
)
def test_wrong_fields_are_malformed_or_refused(
    decoder: Any, kind: str, fields: dict[str, object], data: st.DataObject
) -> None:
    check(decoder, frame(**{**fields, "type": kind}) + data.draw(st.binary(max_size=5)))


@given(message=any_request, position=st.integers(0), byte=st.integers(0, 255))
def test_altered_requests_are_messages_or_refused(
    message: msgspec.Struct, position: int, byte: int
) -> None:
    data = bytearray(encode(*with_payload(message, b"data")))
    data[position % len(data)] = byte
    check(requests, bytes(data))


def check(decoder: Any, data: bytes) -> None:
    try:
        decoded = list(decoder.decode(data))
    except PeerError:
        return
    for message, payload in decoded:
        assert isinstance(message, msgspec.Struct)
        assert isinstance(payload, bytes)
        # What came in can go out again: all text is Unicode, all numbers are finite.
        if not isinstance(message, Malformed):
            assert list(decoder.decode(encode(message, payload))) == [(message, payload)]


@given(any_request)
def test_cut_or_prolonged_requests_are_refused(message: msgspec.Struct) -> None:
    data = encode(*with_payload(message, b"data"))
    for size in range(1, len(data)):
        with pytest.raises(PeerError):
            list(requests.decode(data[:size]))
    for more in (b"\x00", b"\x00\x00\x00", b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"):
        with pytest.raises(PeerError):
            list(requests.decode(data + more))


def test_no_data_holds_no_messages() -> None:
    assert list(requests.decode(b"")) == []


def test_messages_before_a_broken_one_are_given_out() -> None:
    decoded = requests.decode(encode(Quit(id=1)) + b"\x00")
    assert next(decoded) == (Quit(id=1), b"")
    with pytest.raises(PeerError):
        next(decoded)


def test_unknown_fields_are_ignored() -> None:
    data = frame(type="login", id=1, nick="alice", device={"name": [1, None]})
    assert list(requests.decode(data)) == [(Login(id=1, nick="alice"), b"")]


@pytest.mark.parametrize("kind", ["fly", "login", "append"])
def test_payload_is_skipped_whatever_the_message(kind: str) -> None:
    data = frame(type=kind, id=1, nick="alice", payload=3) + b"abc" + encode(Quit(id=2))
    (first, payload), second = requests.decode(data)
    assert second == (Quit(id=2), b"")
    assert payload == b"abc"
    assert first.id == 1


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"type": "fly", "id": 7}, (7, "fly")),
        ({"type": "fly"}, (None, "fly")),
        ({"type": "fly", "id": None}, (None, "fly")),
        ({"id": 7}, (7, "")),
        ({}, (None, "")),
        ({"type": "login", "id": 7}, (7, "login")),
        ({"type": "login", "id": 7, "nick": None}, (7, "login")),
        ({"type": "login", "id": 7, "nick": 5}, (7, "login")),
        ({"type": "login", "id": 7, "nick": "a" * 1000}, (7, "login")),
        ({"type": "set-status", "id": 7, "status": "asleep"}, (7, "set-status")),
        ({"type": "ok", "id": 7}, (7, "ok")),
    ],
)
def test_message_that_is_not_known_says_which(
    fields: dict[str, object], expected: tuple[int | None, str]
) -> None:
    ((message, payload),) = requests.decode(frame(**fields))
    assert isinstance(message, Malformed)
    assert (message.id, message.type) == expected
    assert message.reason
    assert payload == b""


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_ids_have_16_bytes(size: int) -> None:
    fields = {**msgspec.to_builtins(APPEND), "conversation": bytes(size).hex()}
    ((message, _),) = requests.decode(frame(**fields) + b"data")
    assert isinstance(message, Malformed)


@pytest.mark.parametrize("number", ["-1", "1.5", '"1"', "9007199254740992", "1e400", "9" * 5000])
def test_numbers_that_count_nothing_are_refused(number: str) -> None:
    with pytest.raises(PeerError):
        list(requests.decode(prefix(f'{{"type": "quit", "id": {number}}}'.encode())))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "9" * 400])
def test_time_is_a_finite_number(number: str) -> None:
    good = json.dumps(msgspec.to_builtins(Appended(id=1, seq=1, time=0.5)))
    assert len(list(replies.decode(prefix(good.encode())))) == 1
    try:
        ((message, _),) = replies.decode(prefix(good.replace("0.5", number).encode()))
    except PeerError:
        return
    assert isinstance(message, Malformed)


@pytest.mark.parametrize("number", ["0", "-1", "1e308", "5e-324"])
def test_any_finite_time_comes_through(number: str) -> None:
    data = f'{{"type": "appended", "id": 1, "seq": 1, "time": {number}}}'
    ((message, _),) = replies.decode(prefix(data.encode()))
    assert isinstance(message, Appended)
    assert isinstance(message.time, float)
    assert math.isfinite(message.time)


@pytest.mark.parametrize(
    "text",
    [rb"\ud800", rb"\udfff", rb"\ude00\ud83d", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\x1b"],
)
def test_text_is_unicode(text: bytes) -> None:
    data = prefix(b'{"type": "login", "id": 1, "nick": "%s"}' % text)
    try:
        ((message, _),) = requests.decode(data)
    except PeerError:
        return
    assert isinstance(message, Malformed)
    assert message.reason.encode()


@pytest.mark.parametrize("deep", [b'{"x":' * 10_000, b"[" * 60_000, b'{"type":' + b"[" * 50_000])
def test_deep_nesting_is_refused(deep: bytes) -> None:
    with pytest.raises(PeerError):
        list(requests.decode(prefix(deep)))


def test_names_of_thousands_fit_into_a_reply() -> None:
    names = tuple(f"{number:020}" for number in range(10_000))
    reply = NameList(id=1, names=names)
    assert list(replies.decode(encode(reply))) == [(reply, b"")]
    with pytest.raises(PeerError):
        list(replies.decode(encode(NameList(id=1, names=names * 6))))


def test_long_object_is_refused() -> None:
    fits = b'{"type":"quit","id":1}'.ljust(limits.HEADER_SIZE)
    assert list(requests.decode(prefix(fits))) == [(Quit(id=1), b"")]
    with pytest.raises(PeerError):
        list(requests.decode(prefix(fits + b" ")))


def test_announced_length_is_not_believed() -> None:
    for data in (b"\xff\xff\xff\xff{}", frame(type="append", id=1, payload=2**53 - 1)):
        with pytest.raises(PeerError):
            list(requests.decode(data))


def test_each_side_reads_its_own_messages() -> None:
    for decoder, message in [
        (requests, LoggedIn(id=1, nick="alice", status=Status.AWAY, signature_key=bytes(32))),
        (replies, SetStatus(id=1, status=Status.AWAY)),
    ]:
        ((decoded, _),) = decoder.decode(encode(message))
        assert isinstance(decoded, Malformed)


def test_what_has_its_default_is_left_out() -> None:
    event = EntryEvent(conversation=ID, seq=1, time=0.0, author="alice", account=ID, message_id=ID)
    for field in (b"payload", b"added", b"removed", b"welcome", b"previous", b"head", b"kind"):
        assert field not in encode(event)


def test_messages_are_split_as_they_came():
    parts = [encode(APPEND, b"four"), frame(type="later", payload=2) + b"ab", encode(Quit(id=1))]
    assert list(split(b"".join(parts))) == parts


@pytest.mark.parametrize("data", [encode(APPEND, b"thr"), b"\0\0\0", prefix(b"[]")])
def test_what_is_not_whole_is_not_split(data):
    with pytest.raises(PeerError):
        list(split(data))
