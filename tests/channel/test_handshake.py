"""How the two sides meet: the good way, and every way to spoil it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.channel.connection import Connection, TruncationError
from geventim.channel.events import Closed, Established, Event, Frames, ServerKey
from geventim.channel.handshake import MAX_MESSAGE, Initiator, Responder
from geventim.channel.noise import Pattern
from geventim.channel.preamble import MAGIC, SIZE, PreambleError, encode_preamble
from geventim.channel.records import MAX_RECORD, MAX_RECORD_BEFORE_LOGIN
from geventim.channel.states import State
from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, MisuseError, PeerError

PSK = bytes(range(64, 96))
PSKS = pytest.mark.parametrize("psk", [None, PSK], ids=["XX", "XXpsk3"])


def drip(connection: Connection, data: bytes) -> list[Event]:
    return [event for byte in data for event in connection.receive_data(bytes([byte]))]


@PSKS
@pytest.mark.parametrize("read", [Connection.receive_data, drip], ids=["whole", "bytewise"])
def test_both_sides_learn_who_the_other_is(
    initiate: Any, respond: Any, client_key: Any, server_key: Any, psk: bytes | None, read: Any
) -> None:
    client, server = initiate(psk=psk), respond(psk=psk)
    assert (client.state, server.state) == (State.AWAITING_SECOND, State.AWAITING_PREAMBLE)
    assert server.data_to_send() == b""
    assert read(server, client.data_to_send()) == []
    assert client.data_to_send() == b""
    assert read(client, server.data_to_send()) == [ServerKey(server_key.public)]
    assert client.data_to_send() == b""
    ours = client.accept(client_key)
    (theirs,) = read(server, client.data_to_send())
    assert ours == Established(server_key.public, ours.handshake_hash)
    assert theirs == Established(client_key.public, ours.handshake_hash)
    assert len(ours.handshake_hash) == 32
    assert (client.state, server.state) == (State.UNCONFIRMED, State.OPEN)
    assert (client.limit, server.limit) == (MAX_RECORD, MAX_RECORD_BEFORE_LOGIN)
    assert client.receive_data(server.seal(b"text")) == [Frames(b"text")]
    assert client.state is State.OPEN


def test_records_may_follow_message_3_in_the_same_segment(
    initiate: Any, respond: Any, client_key: Any
) -> None:
    client, server = initiate(), respond()
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    client.accept(client_key)
    data = client.data_to_send() + client.seal(b"first") + client.close()
    established, *rest = server.receive_data(data)
    assert established.peer == client_key.public
    assert rest == [Frames(b"first"), Closed()]


def test_the_handshake_hash_is_of_this_handshake(client_key: Any, server_key: Any) -> None:
    hashes = set()
    for seed in (1, 2):
        client = Initiator(lambda size, seed=seed: bytes([seed]) * size)
        server = Responder(bytes, server_key)
        server.receive_data(client.data_to_send())
        client.receive_data(server.data_to_send())
        hashes.add(client.accept(client_key).handshake_hash)
    assert len(hashes) == 2


@PSKS
def test_the_sizes_on_the_wire_are_the_documented_ones(
    initiate: Any, respond: Any, client_key: Any, psk: bytes | None
) -> None:
    client, server = initiate(psk=psk), respond(psk=psk)
    up = client.data_to_send()
    server.receive_data(up)
    down = server.data_to_send()
    client.receive_data(down)
    client.accept(client_key)
    third = client.data_to_send()
    assert up[:8] == MAGIC + bytes([1, 1 if psk is None else 2])
    assert (len(up), len(down), len(third)) == (8 + 2 + (32 if psk is None else 80), 162, 130)
    for framed in (up[8:], down, third):
        assert int.from_bytes(framed[:2], "big") == len(framed) - 2


# The caller's side of the bargain


def test_nothing_of_the_client_is_sent_before_it_accepts(initiate: Any, respond: Any) -> None:
    client, server = initiate(), respond()
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    assert client.close() == b""
    assert client.data_to_send() == b""
    assert client.state is State.DEAD


def test_there_must_be_a_key_to_accept(initiate: Any, connect: Any, client_key: Any) -> None:
    for client in (initiate(), connect()[0]):
        with pytest.raises(MisuseError):
            client.accept(client_key)


def test_nothing_is_sealed_during_the_handshake(initiate: Any, respond: Any) -> None:
    for connection in (initiate(), respond()):
        with pytest.raises(MisuseError, match="awaiting"):
            connection.seal(b"text")


def test_a_closed_handshake_reads_no_more(initiate: Any, respond: Any) -> None:
    client, server = initiate(), respond()
    data = client.data_to_send()
    server.receive_data(data[:20])
    server.close()
    with pytest.raises(PeerError):
        server.receive_data(data[20:])
    assert server.data_to_send() == b""


def test_a_psk_has_32_bytes(initiate: Any) -> None:
    with pytest.raises(MisuseError):
        initiate(psk=b"short")


# Preambles


@pytest.mark.parametrize(
    ("theirs", "ours", "pattern"),
    [(None, PSK, Pattern.XXPSK3), (PSK, None, Pattern.XX)],
    ids=["a key is required", "no key is needed"],
)
@pytest.mark.parametrize("read", [Connection.receive_data, drip], ids=["whole", "bytewise"])
def test_a_responder_of_another_pattern_names_its_own(
    initiate: Any, respond: Any, theirs: Any, ours: Any, pattern: Pattern, read: Any
) -> None:
    client, server = initiate(psk=theirs), respond(psk=ours)
    with pytest.raises(PreambleError) as asked:
        read(server, client.data_to_send())
    assert asked.value.pattern is not pattern
    with pytest.raises(PreambleError) as served:
        read(client, server.data_to_send())
    assert (served.value.version, served.value.pattern) == (1, pattern)
    assert (client.state, server.state) == (State.DEAD, State.DEAD)
    assert server.data_to_send() == b""


def test_a_responder_of_another_version_names_its_own(initiate: Any, respond: Any) -> None:
    server = respond()
    with pytest.raises(PreambleError) as asked:
        server.receive_data(MAGIC + b"\x02\x01")
    assert (asked.value.version, asked.value.pattern) == (2, Pattern.XX)
    assert server.data_to_send() == encode_preamble(Pattern.XX)
    client = initiate()
    with pytest.raises(PreambleError) as served:
        client.receive_data(MAGIC + b"\x02\x01")
    assert (served.value.version, served.value.pattern) == (2, Pattern.XX)


def test_an_unknown_pattern_is_refused(respond: Any) -> None:
    with pytest.raises(PreambleError) as asked:
        respond().receive_data(MAGIC + b"\x01\x07")
    assert asked.value.pattern is None


def test_a_refusal_that_names_what_was_asked_for_is_refused(initiate: Any) -> None:
    with pytest.raises(PeerError, match="names what was asked for"):
        initiate().receive_data(encode_preamble(Pattern.XX))


@pytest.mark.parametrize("position", range(len(MAGIC)))
def test_a_wrong_magic_is_refused_at_its_first_wrong_byte(
    initiate: Any, respond: Any, position: int
) -> None:
    server = respond()
    assert server.receive_data(MAGIC[:position]) == []
    with pytest.raises(PeerError):
        server.receive_data(bytes([MAGIC[position] ^ 0x80]))
    assert server.data_to_send() == b""
    if position:
        client = initiate()
        assert client.receive_data(MAGIC[:position]) == []
        with pytest.raises(PeerError):
            client.receive_data(bytes([MAGIC[position] ^ 0x80]))


@pytest.mark.parametrize("greeting", [b"GET / HTTP/1.1\r\n", b"SSH-2.0-x\r\n", b"\x16\x03\x01"])
def test_other_protocols_are_refused(initiate: Any, respond: Any, greeting: bytes) -> None:
    for connection in (initiate(), respond()):
        with pytest.raises(PeerError):
            connection.receive_data(greeting)


def test_a_downgraded_preamble_fails_the_handshake(initiate: Any, respond: Any) -> None:
    # Somebody on the way turns XXpsk3 into XX, for a responder that serves XX.
    client, server = initiate(psk=PSK), respond()
    with pytest.raises(PeerError):
        server.receive_data(encode_preamble(Pattern.XX) + client.data_to_send()[SIZE:])


# Messages


def transcript(initiate: Any, respond: Any, client_key: PrivateKey, **options: Any) -> list[bytes]:
    client, server = initiate(**options), respond(**options)
    first = client.data_to_send()
    server.receive_data(first)
    second = server.data_to_send()
    client.receive_data(second)
    client.accept(client_key)
    return [first, second, client.data_to_send()]


def flips(message: bytes, every: int) -> list[bytes]:
    """``message`` with one bit changed: each of them, or one in ``every``."""
    changed = []
    for bit in range(0, 8 * len(message), every):
        copy = bytearray(message)
        copy[bit // 8] ^= 1 << bit % 8
        changed.append(bytes(copy))
    return changed


def read_to_the_end(connection: Connection, data: bytes) -> None:
    assert connection.receive_data(data) == []
    connection.receive_eof()


@pytest.mark.parametrize(("psk", "every"), [(None, 7), (PSK, 1)], ids=["XX", "XXpsk3"])
def test_every_flipped_bit_is_detected(
    initiate: Any, respond: Any, client_key: Any, psk: bytes | None, every: int
) -> None:
    first, second, third = transcript(initiate, respond, client_key, psk=psk)
    for changed in flips(first, every):
        server, client = respond(psk=psk), initiate(psk=psk)
        try:
            assert server.receive_data(changed) == []
        except PeerError:
            continue
        # Without a key yet, message 1 is only bound by the answer, which then does not verify.
        with pytest.raises(PeerError):
            read_to_the_end(client, server.data_to_send())
    for changed in flips(second, every):
        with pytest.raises(PeerError):
            read_to_the_end(initiate(psk=psk), changed)
    for changed in flips(third, every):
        server = respond(psk=psk)
        server.receive_data(first)
        with pytest.raises(PeerError):
            read_to_the_end(server, changed)
        assert server.state is State.DEAD
    server = respond(psk=psk)
    server.receive_data(first)
    assert len(server.receive_data(third)) == 1


@PSKS
def test_a_cut_handshake_is_a_truncation(
    initiate: Any, respond: Any, client_key: Any, psk: bytes | None
) -> None:
    first, second, third = transcript(initiate, respond, client_key, psk=psk)
    for size in range(0, len(first + third), 9):
        server = respond(psk=psk)
        assert server.receive_data((first + third)[:size]) == []
        with pytest.raises(TruncationError):
            server.receive_eof()
    for size in range(0, len(second), 9):
        client = initiate(psk=psk)
        assert client.receive_data(second[:size]) == []
        with pytest.raises(TruncationError) as caught:
            client.receive_eof()
        assert caught.value.state is State.AWAITING_SECOND


def test_messages_replayed_to_another_connection_fail(
    initiate: Any, respond: Any, client_key: Any, server_key: Any
) -> None:
    first, second, third = transcript(initiate, respond, client_key)
    server = Responder(lambda size: b"\x09" * size, server_key)
    server.receive_data(first)
    with pytest.raises(AuthenticationError):
        server.receive_data(third)
    client = Initiator(lambda size: b"\x09" * size)
    with pytest.raises(AuthenticationError):
        client.receive_data(second)


def test_messages_reflected_to_their_sender_fail(initiate: Any, respond: Any) -> None:
    client, server = initiate(), respond()
    data = client.data_to_send()
    server.receive_data(data)
    with pytest.raises(PeerError):
        client.receive_data(data[SIZE:])
    with pytest.raises(PeerError):
        server.receive_data(server.data_to_send())


@pytest.mark.parametrize("size", [MAX_MESSAGE + 1, 0xFFFF])
def test_a_long_message_is_refused_before_it_arrives(
    initiate: Any, respond: Any, size: int
) -> None:
    header = size.to_bytes(2, "big")
    client, server = initiate(), respond()
    server.receive_data(encode_preamble(Pattern.XX))
    for connection in (client, server):
        assert connection.receive_data(header[:1]) == []
        with pytest.raises(PeerError):
            connection.receive_data(header[1:])
        assert connection._held is None


def test_a_message_with_a_payload_is_refused(respond: Any) -> None:
    server = respond()
    server.receive_data(encode_preamble(Pattern.XX))
    with pytest.raises(PeerError, match="no payload"):
        server.receive_data((33).to_bytes(2, "big") + PrivateKey(b"\x07" * 32).public + b"x")


def test_data_before_the_key_is_accepted_is_refused(initiate: Any, respond: Any) -> None:
    client, server = initiate(), respond()
    server.receive_data(client.data_to_send())
    with pytest.raises(PeerError, match="awaiting consent"):
        client.receive_data(server.data_to_send() + b"\0")


def test_a_wrong_access_key_does_not_complete(initiate: Any, respond: Any, client_key: Any) -> None:
    client, server = initiate(psk=PSK), respond(psk=PSK[::-1])
    server.receive_data(client.data_to_send())
    client.receive_data(server.data_to_send())
    client.accept(client_key)
    with pytest.raises(AuthenticationError):
        server.receive_data(client.data_to_send())
    with pytest.raises(MisuseError):
        server.seal(b"text")
    with pytest.raises(TruncationError) as caught:
        client.receive_eof()
    assert caught.value.state is State.UNCONFIRMED


def test_a_failed_handshake_is_forgotten(initiate: Any, respond: Any) -> None:
    for connection in (initiate(), respond()):
        with pytest.raises(PeerError):
            connection.receive_data(b"\xff" * 64)
        assert connection._handshake is None


# Anything at all


def at_any_state(
    initiate: Any, respond: Any, connect: Any, client_key: PrivateKey
) -> list[Callable[[], Connection]]:
    """One maker for each role in each state that it can be in."""

    def awaiting_first() -> Connection:
        server = respond()
        server.receive_data(encode_preamble(Pattern.XX))
        return server

    def awaiting_third() -> Connection:
        server = respond()
        server.receive_data(initiate().data_to_send())
        return server

    def awaiting_consent() -> Connection:
        client, server = initiate(), respond()
        server.receive_data(client.data_to_send())
        client.receive_data(server.data_to_send())
        return client

    def ended_there(side: int) -> Connection:
        pair = connect()
        pair[side].receive_data(pair[1 - side].close())
        return pair[side]

    def ended(side: int, *, there: bool) -> Connection:
        connection = ended_there(side) if there else connect()[side]
        connection.close()
        return connection

    makers = [initiate, respond, awaiting_first, awaiting_third, awaiting_consent]
    for side in (0, 1):
        makers += [
            lambda side=side: connect()[side],
            lambda side=side: ended_there(side),
            lambda side=side: ended(side, there=False),
            lambda side=side: ended(side, there=True),
        ]
    return makers


CHUNKS = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.sampled_from(
            [
                encode_preamble(Pattern.XX),
                encode_preamble(Pattern.XXPSK3),
                b"\x00\x20" + bytes(32),
                b"\x00\x20" + PrivateKey(b"\x07" * 32).public,
                b"\x00\xa0" + PrivateKey(b"\x07" * 32).public + bytes(128),
                b"\x00\x80" + bytes(128),
                b"\x00\x00\x00\x41\x01" + bytes(64),
            ]
        ),
    ),
    max_size=6,
)


@given(data=st.data())
def test_any_bytes_at_any_state_give_events_or_a_peer_error(
    initiate: Any, respond: Any, connect: Any, client_key: Any, data: st.DataObject
) -> None:
    makers = at_any_state(initiate, respond, connect, client_key)
    connection = data.draw(st.sampled_from(makers))()
    dead = False
    for chunk in data.draw(CHUNKS):
        try:
            events = connection.receive_data(chunk)
        except PeerError:
            dead = True
            assert connection.state is State.DEAD
        else:
            # Bytes made without any key never become frames or an end, and nobody is let in.
            assert events == []
            assert not dead or not chunk
    try:
        connection.receive_eof()
    except TruncationError:
        assert connection.state is State.DEAD
    else:
        assert connection.state in {State.ENDED_THERE, State.CLOSED}


@given(data=st.data())
def test_a_valid_conversation_with_edits_gives_a_prefix_or_a_peer_error(
    initiate: Any, respond: Any, client_key: Any, data: st.DataObject
) -> None:
    client = initiate()
    server = respond()
    first = client.data_to_send()
    server.receive_data(first)
    client.receive_data(server.data_to_send())
    client.accept(client_key)
    texts = [bytes([number]) * 20 for number in range(3)]
    wire = first + client.data_to_send() + b"".join(map(client.seal, texts)) + client.close()
    place = data.draw(st.integers(0, len(wire) - 1))
    cut = data.draw(st.integers(0, 4))
    edited = wire[:place] + data.draw(st.binary(max_size=4)) + wire[place + cut :]
    other = respond()
    seen: list[Event] = []
    try:
        for byte in edited:
            seen += other.receive_data(bytes([byte]))
        other.receive_eof()
    except PeerError:
        assert edited != wire
    frames = [event.plaintext for event in seen if isinstance(event, Frames)]
    assert frames == texts[: len(frames)]
    assert (Closed() in seen) <= (frames == texts)


# Secrecy


def test_no_repr_of_the_handshake_shows_a_key(
    initiate: Any, respond: Any, client_key: Any, server_key: Any
) -> None:
    client, server = initiate(psk=PSK), respond(psk=PSK)
    server.receive_data(client.data_to_send())
    secrets = [PSK, server_key.secret, server._handshake._e.secret, client._handshake._e.secret]
    shown = "".join(
        repr(thing)
        for thing in (
            client,
            server,
            client._handshake,
            server._handshake,
            server._handshake._symmetric,
            server._handshake._symmetric._cipher_state,
            server_key,
            client_key,
        )
    )
    for secret in secrets:
        assert secret.hex() not in shown
        assert repr(secret)[2:-1] not in shown
