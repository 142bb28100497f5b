"""Room records: encrypted once, and still nobody's but the server's."""

import hashlib
import hmac
import os
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from Cryptodome.Cipher import AES
from hypothesis import given
from hypothesis import strategies as st

from geventim.channel import room
from geventim.channel.events import Frames
from geventim.channel.handshake import Initiator, Responder
from geventim.channel.records import FRAMES, MAX_RECORD, NAMES, ROOM, ROOM_KEY, RecordOpener
from geventim.channel.room import CAPACITY, RoomKey, RoomKeys, RoomRecord, RoomSealer
from geventim.channel.states import State
from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, MisuseError, PeerError

Connect = Callable[..., tuple[Initiator, Responder]]

KEY = RoomKey(7, 1, bytes(range(32)))
NEXT = RoomKey(7, 2, bytes(range(32, 64)))
PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"
OTHER = RoomKey(8, 1, bytes(range(64, 96)))


def make(key: RoomKey = KEY, **options: Any) -> RoomSealer:
    return RoomSealer(key, os.urandom, **options)


def write(server: Responder, record: RoomRecord) -> bytes:
    return record.shared + server.tag(record)


def refuses(client: Initiator, data: bytes, error: type[PeerError] = AuthenticationError) -> None:
    with pytest.raises(error):
        client.receive_data(data)
    assert client.state is State.DEAD


@pytest.fixture
def pair(connect: Connect) -> tuple[Initiator, Responder]:
    """A client that holds ``KEY``, and its server."""
    client, server = connect()
    assert client.receive_data(server.share(KEY)) == []
    return client, server


Pair = tuple[Initiator, Responder]


def test_one_encryption_reaches_many_sessions_each_with_its_own_tag(connect: Connect) -> None:
    pairs = [connect() for _ in range(3)]
    for number, (client, server) in enumerate(pairs):
        for _ in range(number):  # the sessions have counted differently far
            client.receive_data(server.seal(b"private"))
        assert client.receive_data(server.share(KEY)) == []
    sealer = make()
    for text in (b"", b"one", b"x" * 5000):
        record = sealer.seal(text)
        written = [write(server, record) for _, server in pairs]
        assert len({data[-32:] for data in written}) == 3
        assert len({data[:-32] for data in written}) == 1
        for (client, _), data in zip(pairs, written, strict=True):
            assert client.receive_data(data) == [Frames(text)]


def test_a_record_is_laid_out_as_documented(pair: Pair) -> None:
    _, server = pair
    record = make().seal(b"text")
    number = server._sealer.count
    data = write(server, record)
    assert int.from_bytes(data[:4], "big") == len(data) - 4
    assert data[4] == ROOM == 3
    assert data[5:13] == (7).to_bytes(4, "big") + (1).to_bytes(4, "big")
    iv, ciphertext, tag = data[13:29], data[29:-32], data[-32:]
    assert AES.new(KEY.secret, AES.MODE_CBC, iv).decrypt(ciphertext) == b"text" + b"\x0c" * 12
    covered = b"\x03" + number.to_bytes(8, "big") + data[5:13]
    covered += hashlib.sha256(iv + ciphertext).digest()
    assert hmac.new(server._sealer._key.mac, covered, hashlib.sha256).digest() == tag


def test_session_and_room_records_are_counted_together(pair: Pair) -> None:
    client, server = pair
    sealer = make()
    data = b"".join(
        server.seal(b"mine") if turn % 3 else write(server, sealer.seal(b"ours"))
        for turn in range(9)
    )
    assert [event.plaintext for event in client.receive_data(data)] == 3 * [
        b"ours",
        b"mine",
        b"mine",
    ]


def test_pieces_of_any_size_give_the_same(pair: Pair) -> None:
    client, server = pair
    data = write(server, make().seal(b"text" * 100)) + server.share(OTHER)
    events = [event for byte in data for event in client.receive_data(bytes([byte]))]
    assert events == [Frames(b"text" * 100)]


def test_the_keys_of_a_session_change_beneath_room_records(connect: Connect) -> None:
    client, server = connect(rekey_interval=3)
    client.receive_data(server.share(KEY))
    sealer = make()
    for number in range(20):
        text = b"%d" % number
        assert client.receive_data(write(server, sealer.seal(text))) == [Frames(text)]
        if number == 10:
            for _ in range(2):
                client.rest()
                server.rest()


def test_only_what_was_idle_rests(pair: Pair) -> None:
    client, server = pair
    client.receive_data(server.share(KEY))
    sealer = make()
    for _ in range(3):
        client.receive_data(write(server, sealer.seal(b"text")))
        client.rest()
        server.rest()
        assert server._sealer._mac is not None
        assert client._opener._mac is not None
    server.rest()
    assert server._sealer._mac is server._sealer._sealer is None


# What others may try


def test_another_holder_of_the_room_key_cannot_forge(pair: Pair, server_key: PrivateKey) -> None:
    """What a session's own keys authenticate is worth nothing in another session."""
    victim, server = pair
    insider = Initiator(os.urandom)
    attacker = Responder(os.urandom, server_key)
    attacker.receive_data(insider.data_to_send())
    insider.receive_data(attacker.data_to_send())
    insider.accept(server_key)
    attacker.receive_data(insider.data_to_send())
    insider.receive_data(attacker.share(KEY))
    assert attacker._sealer.count == server._sealer.count
    data = write(attacker, make().seal(b"forged"))
    assert insider.receive_data(data) == [Frames(b"forged")]
    refuses(victim, data)


def test_a_replayed_record_is_refused(pair: Pair) -> None:
    client, server = pair
    data = write(server, make().seal(b"text"))
    client.receive_data(data)
    refuses(client, data)


def test_records_that_changed_places_are_refused(pair: Pair) -> None:
    client, server = pair
    sealer = make()
    first, second = (write(server, sealer.seal(text)) for text in (b"one", b"two"))
    refuses(client, second + first)


def test_a_missing_record_is_noticed_at_the_next(pair: Pair) -> None:
    client, server = pair
    write(server, make().seal(b"dropped"))
    refuses(client, server.seal(b"next"))


def test_a_session_record_that_is_missing_is_noticed_at_a_room_record(pair: Pair) -> None:
    client, server = pair
    server.seal(b"dropped")
    refuses(client, write(server, make().seal(b"next")))


@pytest.mark.parametrize("place", [4, 5, 12, 13, 29, -33, -32, -1])
def test_a_record_that_was_changed_is_refused_before_it_is_opened(
    pair: Pair, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, server = pair
    data = bytearray(write(server, make().seal(b"text")))
    data[place] ^= 1
    monkeypatch.setattr(RoomKeys, "open", lambda *_: pytest.fail("it was opened"))
    refuses(client, bytes(data))


def test_a_record_under_the_wrong_key_id_is_refused(pair: Pair) -> None:
    client, server = pair
    client.receive_data(server.share(OTHER))
    record = make().seal(b"text")
    moved = record.shared[:8] + b"\x08" + record.shared[9:]
    refuses(client, moved + server.tag(record))


@pytest.mark.parametrize("key", [OTHER, NEXT])
def test_a_record_under_a_key_that_is_not_held_is_refused(pair: Pair, key: RoomKey) -> None:
    client, server = pair
    refuses(client, write(server, make(key).seal(b"text")), PeerError)


def test_a_session_record_is_no_room_record_and_the_other_way_round(pair: Pair) -> None:
    client, server = pair
    data = bytearray(server._sealer.seal(ROOM, b"text" * 4))
    refuses(client, bytes(data), PeerError)
    assert data[4] == ROOM


def test_a_server_takes_neither_room_records_nor_keys(connect: Connect) -> None:
    client, server = connect()
    with pytest.raises(PeerError):
        server.receive_data(client.share(KEY))
    client, server = connect()
    with pytest.raises(PeerError):
        server.receive_data(client._seal(ROOM, b"text"))
    client, server = connect()
    record = make().seal(b"text")
    with pytest.raises(PeerError):
        server.receive_data(record.shared + client.tag(record))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_key_or_an_error(data: bytes) -> None:
    keys = RoomKeys()
    try:
        keys.take(data)
    except PeerError:
        assert len(keys) == 0
    else:
        assert len(keys) == 1
        assert len(data) == 40


@given(st.binary(max_size=200))
def test_any_bytes_are_no_room_record(data: bytes) -> None:
    keys = RoomKeys()
    keys.take(KEY.encode())
    with pytest.raises(PeerError):
        keys.open(room.split(data))


@given(st.binary(max_size=300), st.integers(0, 3))
def test_any_bytes_in_place_of_a_room_record_end_the_connection(
    connect: Connect, body: bytes, generation: int
) -> None:
    client, server = connect()
    client.receive_data(server.share(KEY))
    key_id = (7).to_bytes(4, "big") + generation.to_bytes(4, "big")
    sealed = bytes([ROOM]) + key_id + body
    with pytest.raises(PeerError):
        client.receive_data(len(sealed).to_bytes(4, "big") + sealed + bytes(300))
    assert client.state is State.DEAD


# Keys


def test_a_later_generation_replaces_the_one_before(pair: Pair) -> None:
    client, server = pair
    data = server.share(NEXT) + write(server, make(NEXT).seal(b"text"))
    assert client.receive_data(data) == [Frames(b"text")]
    assert server.rooms == 1
    refuses(client, write(server, make(KEY).seal(b"old")), PeerError)


@pytest.mark.parametrize("key", [KEY, RoomKey(7, 0, bytes(32))])
def test_a_generation_that_is_past_is_refused(pair: Pair, key: RoomKey) -> None:
    client, server = pair
    refuses(client, server._seal(ROOM_KEY, key.encode()), PeerError)


def test_a_key_that_the_peer_holds_is_not_given_again(pair: Pair) -> None:
    client, server = pair
    assert server.share(KEY) == b""
    assert client.receive_data(write(server, make().seal(b"text"))) == [Frames(b"text")]


def test_a_key_that_was_taken_away_opens_nothing_more(pair: Pair) -> None:
    client, server = pair
    assert client.receive_data(server.retire(7)) == []
    assert server.rooms == 0
    assert server.retire(7) == server.retire(9) == b""
    refuses(client, write(server, make().seal(b"text")), PeerError)


def test_a_key_that_is_not_held_cannot_be_taken_away(pair: Pair) -> None:
    client, server = pair
    refuses(client, server._seal(ROOM_KEY, room.encode_retirement(9)), PeerError)


def test_a_session_holds_a_bounded_number_of_keys(connect: Connect) -> None:
    keys, (_, server) = RoomKeys(), connect()
    most = room.MOST_ROOMS
    for number in range(most):
        keys.take(RoomKey(number, 1, bytes(32)).encode())
        server.share(RoomKey(number, 1, bytes(32)))
    keys.take(RoomKey(2, 2, bytes(32)).encode())
    with pytest.raises(PeerError):
        keys.take(RoomKey(most, 1, bytes(32)).encode())
    with pytest.raises(MisuseError):
        server.share(RoomKey(most, 1, bytes(32)))
    keys.take(room.encode_retirement(0))
    server.retire(0)
    keys.take(RoomKey(most, 1, bytes(32)).encode())
    server.share(RoomKey(most, 1, bytes(32)))
    assert len(keys) == server.rooms == most


def test_a_key_is_spent_after_so_many_records() -> None:
    sealer = make(interval=2)
    for _ in range(2):
        assert not sealer.spent
        sealer.seal(b"text")
    assert sealer.spent


# Misuse, sizes and traces


def test_the_largest_record_fits_the_limit() -> None:
    record = make().seal(bytes(CAPACITY))
    assert MAX_RECORD - 16 < len(record.shared) + 32 - 4 <= MAX_RECORD
    with pytest.raises(MisuseError):
        make().seal(bytes(CAPACITY + 1))


def test_nothing_is_tagged_or_shared_where_nothing_can_be_sealed(pair: Pair) -> None:
    _, server = pair
    server.close()
    with pytest.raises(MisuseError):
        server.tag(make().seal(b"text"))
    with pytest.raises(MisuseError):
        server.share(OTHER)
    with pytest.raises(MisuseError):
        server.retire(KEY.room)
    assert server.rooms == 1


def test_a_trace_names_room_records(connect: Connect) -> None:
    seen: list[tuple[str, str]] = []
    client, server = connect(trace=lambda direction, kind, _: seen.append((direction, kind)))
    del seen[:]
    client.receive_data(server.share(KEY) + write(server, make().seal(b"text")))
    assert seen == [("out", "room-key"), ("out", "room"), ("in", "room-key"), ("in", "room")]
    assert NAMES[FRAMES] == "frames"


def test_nothing_secret_is_shown() -> None:
    assert repr(KEY.secret)[2:-1] not in repr(KEY) + repr(make())


def test_the_example_in_the_documentation_is_read() -> None:
    text = PROTOCOL.read_text(encoding="utf-8")

    def example(name: str) -> bytes:
        lines = text.split(f"\n{name}\n", 1)[1].splitlines()
        return bytes.fromhex("".join(takewhile(lambda line: line.startswith("    "), lines)))

    opener, keys = RecordOpener(example("k2"), 2**20), RoomKeys()
    record = example("record 0 from the responder, ROOM_KEY")
    plaintext = opener.open(record[4], record[5:])
    assert plaintext[8:] == example("room key of room 7, generation 1")
    keys.take(plaintext)
    record = example('record 1 from the responder, ROOM, plaintext "everyone"')
    sealed = room.split(record[5:])
    opener.verify(sealed.bound, sealed.tag)
    assert keys.open(sealed) == b"everyone"
