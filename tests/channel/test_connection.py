"""What both sides do once they are connected, and how bytes reach them."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.channel.events import Closed, Established, Event, Frames, ServerKey
from geventim.channel.handshake import Initiator, Responder
from geventim.channel.records import FRAMES, MAX_RECORD, MAX_RECORD_BEFORE_LOGIN, capacity
from geventim.channel.states import State
from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, MisuseError, PeerError

Pair = tuple[Initiator, Responder]
Connect = Callable[..., Pair]

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol.md"


def feed(connection: Initiator | Responder, data: bytes, size: int) -> list[Event]:
    events: list[Event] = []
    for start in range(0, len(data), size):
        events += connection.receive_data(data[start : start + size])
    return events


def read_to_the_end(connection: Initiator | Responder, data: bytes) -> None:
    """Nothing may come of ``data``: where a length only makes it wait, the end tells."""
    assert connection.receive_data(data) == []
    connection.receive_eof()


# Bytes and pieces


@pytest.mark.parametrize("size", [1, 2, 3, 64, 1000, 10**6])
def test_pieces_of_any_size_give_the_same_events(ends: Any, size: int) -> None:
    writer, reader = ends()
    plaintexts = [b"", b"a", b"b" * 15, b"c" * 16, b"d" * 3000]
    data = b"".join(writer.seal(text) for text in plaintexts) + writer.close()
    assert feed(reader, data, size) == [*map(Frames, plaintexts), Closed()]


@given(data=st.data())
def test_any_cuts_give_the_same_events(connect: Connect, data: st.DataObject) -> None:
    client, server = connect()
    plaintexts = data.draw(st.lists(st.binary(max_size=100), max_size=5))
    wire = b"".join(client.seal(text) for text in plaintexts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    pieces = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    events = [event for piece in pieces for event in server.receive_data(piece)]
    assert events == list(map(Frames, plaintexts))


def test_nothing_is_held_between_records(ends: Any) -> None:
    writer, reader = ends()
    record = writer.seal(b"text")
    reader.receive_data(record[:10])
    assert bytes(reader._held) == record[:10]
    reader.receive_data(record[10:])
    assert reader._held is None


def test_a_growing_record_is_not_copied_again(ends: Any) -> None:
    writer, reader = ends()
    writer.limit = reader.limit = MAX_RECORD
    record = writer.seal(bytes(100_000))
    reader.receive_data(record[:1])
    held = reader._held
    for start in range(1, len(record) - 1, 1000):
        reader.receive_data(record[start : min(start + 1000, len(record) - 1)])
        assert reader._held is held
    assert reader.receive_data(record[-1:]) == [Frames(bytes(100_000))]


def test_it_is_known_how_much_of_a_record_is_missing(ends: Any) -> None:
    writer, reader = ends()
    record = writer.seal(b"text")
    assert reader.missing == 0
    reader.receive_data(record[:3])
    assert reader.missing == 0  # its length is not whole
    reader.receive_data(record[3:9])
    assert reader.missing == len(record) - 9
    reader.receive_data(record[9:])
    assert reader.missing == 0


def test_no_data_means_nothing(ends: Any) -> None:
    _, reader = ends()
    assert reader.receive_data(b"") == []


# Limits


@pytest.mark.parametrize("header", [b"\xff\xff\xff\xff", b"\x00\x00\x10\x01", b"\x00\x00\x00\x00"])
def test_a_length_that_cannot_be_is_refused_before_its_body(ends: Any, header: bytes) -> None:
    _, reader = ends()
    reader.limit = MAX_RECORD_BEFORE_LOGIN
    assert reader.receive_data(header[:3]) == []
    tracemalloc.start()
    try:
        with pytest.raises(PeerError):
            reader.receive_data(header[3:])
        assert tracemalloc.get_traced_memory()[1] < 10_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("limit", [MAX_RECORD_BEFORE_LOGIN, MAX_RECORD])
def test_the_largest_record_passes_and_a_larger_one_does_not(ends: Any, limit: int) -> None:
    writer, reader = ends()
    writer.limit = reader.limit = limit
    text = bytes(writer.capacity)
    assert reader.receive_data(writer.seal(text)) == [Frames(text)]
    with pytest.raises(MisuseError):
        writer.seal(text + b"x")
    larger = writer._sealer.seal(FRAMES, text + b"x")
    with pytest.raises(PeerError, match="are allowed"):
        reader.receive_data(larger[:4])


def test_no_more_than_4_kib_is_held_before_login(connect: Connect) -> None:
    client, server = connect()
    assert server.limit == MAX_RECORD_BEFORE_LOGIN
    client.limit = MAX_RECORD_BEFORE_LOGIN
    record = client.seal(bytes(client.capacity))
    server.receive_data(record[:-1])
    assert len(server._held) <= 4096


@pytest.mark.parametrize("limit", [0, 64, MAX_RECORD + 1])
def test_a_limit_lies_within_reason(ends: Any, limit: int) -> None:
    _, reader = ends()
    with pytest.raises(MisuseError):
        reader.limit = limit


# Tampering


@pytest.mark.parametrize("size", [0, 20])
def test_every_flipped_bit_is_detected(connect: Connect, size: int) -> None:
    client, server = connect()
    record = client.seal(bytes(size))
    secret = bytes(server._opener._secret)
    for bit in range(8 * len(record)):
        changed = bytearray(record)
        changed[bit // 8] ^= 1 << bit % 8
        server._state, server._held = State.OPEN, None
        server._start_records(b"", secret)
        with pytest.raises(PeerError):
            read_to_the_end(server, bytes(changed))
        assert server.state is State.DEAD
    server._state = State.OPEN
    server._start_records(b"", secret)
    assert server.receive_data(record) == [Frames(bytes(size))]


@pytest.mark.parametrize(
    "order",
    [[0, 0], [1], [0, 2], [0, 1, 1], [0, 1, 0]],
    ids=["replay", "reorder", "drop", "replay last", "replay first"],
)
def test_replay_reorder_and_drop_are_detected(ends: Any, order: list[int]) -> None:
    writer, reader = ends()
    records = [writer.seal(bytes([number])) for number in range(3)]
    for number in order[:-1]:
        assert reader.receive_data(records[number]) == [Frames(bytes([number]))]
    with pytest.raises(AuthenticationError):
        reader.receive_data(records[order[-1]])
    assert reader.state is State.DEAD


def test_a_record_reflected_to_its_sender_is_detected(ends: Any) -> None:
    writer, _ = ends()
    with pytest.raises(AuthenticationError):
        writer.receive_data(writer.seal(b"text"))


def test_a_record_of_another_connection_is_detected(client_key: Any, server_key: Any) -> None:
    def run(seed: int) -> Pair:
        client = Initiator(lambda size: bytes([seed]) * size)
        server = Responder(lambda size: bytes([seed + 1]) * size, server_key)
        server.receive_data(client.data_to_send())
        client.receive_data(server.data_to_send())
        client.accept(client_key)
        server.receive_data(client.data_to_send())
        return client, server

    (client, _), (_, server) = run(1), run(3)
    with pytest.raises(AuthenticationError):
        server.receive_data(client.seal(b"text"))


def test_types_that_mean_nothing_are_refused(ends: Any) -> None:
    for kind, text in ((0, b"text"), (5, b"text"), (255, b""), (2, b"close has no plaintext")):
        writer, reader = ends()
        with pytest.raises(PeerError, match="means nothing"):
            reader.receive_data(writer._sealer.seal(kind, text))
        assert reader.state is State.DEAD


@given(data=st.data())
def test_edited_records_give_a_prefix_or_a_peer_error(ends: Any, data: st.DataObject) -> None:
    writer, reader = ends()
    texts = data.draw(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
    wire = b"".join(map(writer.seal, texts)) + writer.close()
    place = data.draw(st.integers(0, len(wire) - 1))
    rest = wire[place + data.draw(st.integers(0, 80)) :]
    edited = wire[:place] + data.draw(st.binary(max_size=80)) + rest
    seen: list[Event] = []
    try:
        for start in range(0, len(edited), 7):
            seen += reader.receive_data(edited[start : start + 7])
        reader.receive_eof()
    except PeerError:
        assert edited != wire
        assert reader.state is State.DEAD
    else:
        assert edited == wire
    assert seen == [*map(Frames, texts), Closed()][: len(seen)]


@given(kind=st.integers(0, 255), text=st.binary(max_size=60))
def test_a_record_of_any_type_gives_an_event_or_a_peer_error(
    ends: Any, kind: int, text: bytes
) -> None:
    """From a peer that holds the keys."""
    writer, reader = ends()
    try:
        (event,) = reader.receive_data(writer._sealer.seal(kind, text))
    except PeerError:
        assert reader.state is State.DEAD
    else:
        assert event == (Frames(text) if kind == FRAMES else Closed())


# The end


# Keys


def test_both_directions_cross_many_rekeys(connect: Connect) -> None:
    client, server = connect(rekey_interval=3)
    for number in range(10):
        text = bytes([number])
        assert server.receive_data(client.seal(text)) == [Frames(text)]
        for _ in range(2):
            assert client.receive_data(server.seal(text)) == [Frames(text)]
    assert server.receive_data(client.close()) == [Closed()]


def test_a_record_from_before_a_rekey_does_not_open_after_it(ends: Any) -> None:
    writer, reader = ends(rekey_interval=2)
    records = [writer.seal(b"text") for _ in range(4)]
    for record in records[:2]:
        reader.receive_data(record)
    with pytest.raises(AuthenticationError):
        reader.receive_data(records[0])


def test_resting_changes_nothing_on_the_wire(connect: Connect) -> None:
    client, server = connect(rekey_interval=3)
    for number in range(8):
        for _ in range(2):
            client.rest()
            server.rest()
        assert client._sealer._sealer is None
        assert server._opener._opener is None
        assert server.receive_data(client.seal(bytes([number]))) == [Frames(bytes([number]))]


def test_resting_is_harmless_at_any_time(initiate: Any, ends: Any) -> None:
    initiate().rest()
    _, reader = ends()
    reader.close()
    reader.rest()


# Memory and secrecy


# Trace


# The document


def read_example() -> dict[str, bytes]:
    """The named bytes of the recorded connection in docs/protocol.md."""
    text = PROTOCOL.read_text(encoding="utf-8")
    block = text.split("### Example")[1].split("```")[1]
    named: dict[str, str] = {}
    name = ""
    for line in block.strip().splitlines():
        if not line.startswith(" "):
            name = line
        named[name] = named.get(name, "") + line.strip() * line.startswith(" ")
    return {name: bytes.fromhex(text) for name, text in named.items()}


def test_the_recorded_connection_is_read_by_both_sides() -> None:
    example = read_example()
    key = {
        (side, kind): example[f"{side} {kind} private key"]
        for side in ("initiator", "responder")
        for kind in ("ephemeral", "static")
    }
    client_static = PrivateKey(key["initiator", "static"])
    server_static = PrivateKey(key["responder", "static"])
    psk = example["psk"]
    client = Initiator(lambda size: key["initiator", "ephemeral"][:size], psk=psk)
    server = Responder(lambda size: key["responder", "ephemeral"][:size], server_static, psk=psk)
    first = example["preamble"] + example["message 1 with its length"]
    second, third = (example[f"message {number} with its length"] for number in (2, 3))
    assert client.data_to_send() == first
    server.receive_data(first)
    assert server.data_to_send() == second
    assert client.receive_data(second) == [ServerKey(server_static.public)]
    handshake_hash = example["handshake hash"]
    assert client.accept(client_static) == Established(server_static.public, handshake_hash)
    assert client.data_to_send() == third
    (established,) = server.receive_data(third)
    assert established == Established(client_static.public, handshake_hash)
    assert (client._sealer._secret, server._sealer._secret) == (example["k1"], example["k2"])
    greeting = example['record 0 from the initiator, FRAMES, plaintext "hello"']
    assert server.receive_data(greeting) == [Frames(b"hello")]
    assert client.receive_data(example["record 0 from the responder, CLOSE"]) == [Closed()]


def test_the_document_names_the_largest_plaintexts() -> None:
    text = " ".join(PROTOCOL.read_text(encoding="utf-8").split())
    sizes = (
        f"{capacity(MAX_RECORD):,} bytes, and {capacity(MAX_RECORD_BEFORE_LOGIN):,} before login"
    )
    assert sizes in text
