"""How the two sides meet, and how each refuses what it does not speak."""

from typing import Any

import pytest

from geventim.channel.connection import Connection
from geventim.channel.events import Closed, Established, Frames, ServerKey
from geventim.channel.handshake import Initiator, Responder
from geventim.channel.noise import Pattern
from geventim.channel.preamble import MAGIC, SIZE, PreambleError, encode_preamble
from geventim.channel.records import MAX_RECORD, MAX_RECORD_BEFORE_LOGIN
from geventim.channel.states import State
from geventim.errors import MisuseError, PeerError
from tests.channel.handshakes import PSK, PSKS, drip


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


# Anything at all


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
