"""Handshakes that somebody alters, cuts, repeats or makes up."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.channel.connection import Connection, TruncationError
from geventim.channel.events import Closed, Event, Frames
from geventim.channel.handshake import MAX_MESSAGE, Initiator, Responder
from geventim.channel.noise import Pattern
from geventim.channel.preamble import SIZE, encode_preamble
from geventim.channel.states import State
from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, MisuseError, PeerError
from tests.channel.handshakes import PSK, PSKS


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
