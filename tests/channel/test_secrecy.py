"""What stays in memory, in what is shown of a connection, and in its trace."""

import gc
from typing import Any

import pytest

from geventim.channel.handshake import Initiator, Responder
from geventim.channel.noise import CipherState, HandshakeState, SymmetricState
from geventim.channel.records import MAX_RECORD
from geventim.crypto.dh import PrivateKey
from geventim.errors import MisuseError, PeerError


def reachable(start: object) -> list[object]:
    """Everything ``start`` refers to, without classes, modules and what they lead to."""
    seen, queue = {}, [start]
    while queue:
        thing = queue.pop()
        if id(thing) in seen or isinstance(thing, type) or callable(thing):
            continue
        seen[id(thing)] = thing
        queue += gc.get_referents(thing)
    return list(seen.values())


def test_nothing_of_the_handshake_stays(connect: Any) -> None:
    for connection in connect():
        kept = reachable(connection)
        gone = (HandshakeState, SymmetricState, CipherState, PrivateKey, bytearray)
        assert not [thing for thing in kept if isinstance(thing, gone)]
        # The two secrets from which the record keys come, and no other bytes.
        secrets = [thing for thing in kept if isinstance(thing, bytes) and thing]
        assert sorted(map(len, secrets)) == [32, 32]


def test_no_dictionary_is_kept(connect: Any) -> None:
    for connection in connect():
        assert not hasattr(connection, "__dict__")
        assert not hasattr(connection._sealer, "__dict__")
        assert not hasattr(connection._opener, "__dict__")


def test_a_repr_shows_the_state_and_no_key(connect: Any) -> None:
    client, server = connect(psk=bytes(range(64, 96)))
    assert repr(client) == "<Initiator unconfirmed>"
    assert repr(server) == "<Responder open>"


def test_errors_show_no_key_and_no_text(ends: Any) -> None:
    writer, reader = ends()
    record = writer.seal(b"hush hush")
    with pytest.raises(PeerError) as caught:
        reader.receive_data(record[:-1] + bytes([record[-1] ^ 1]))
    assert repr(caught.value) == "AuthenticationError('authentication failed')"
    with pytest.raises(MisuseError) as misuse:
        writer.seal(b"hush" * MAX_RECORD)
    assert "hush" not in repr(misuse.value)


def test_a_trace_sees_the_wire_and_nothing_else(
    seeded: Any, client_key: PrivateKey, server_key: PrivateKey
) -> None:
    lines: dict[str, list[tuple[str, str, bytes]]] = {"client": [], "server": []}
    client = Initiator(seeded(1), trace=lambda *line: lines["client"].append(line))
    server = Responder(seeded(2), server_key, trace=lambda *line: lines["server"].append(line))
    up = client.data_to_send()
    server.receive_data(up)
    down = server.data_to_send()
    client.receive_data(down)
    client.accept(client_key)
    more = client.data_to_send() + client.seal(b"text") + client.close()
    server.receive_data(more)
    answer = server.close()
    client.receive_data(answer)
    assert [line[:2] for line in lines["client"]] == [
        ("out", "preamble"),
        ("out", "handshake"),
        ("in", "handshake"),
        ("out", "handshake"),
        ("out", "frames"),
        ("out", "close"),
        ("in", "close"),
    ]
    turned = {"in": "out", "out": "in"}
    assert lines["server"] == [(turned[way], kind, raw) for way, kind, raw in lines["client"]]
    written = b"".join(raw for way, _, raw in lines["client"] if way == "out")
    assert written == up + more
    assert b"".join(raw for way, _, raw in lines["client"] if way == "in") == down + answer


def test_a_trace_shows_unknown_types_before_they_are_refused(connect: Any) -> None:
    seen: list[str] = []
    client, server = connect()
    server._trace = lambda way, kind, raw: seen.append(kind)
    with pytest.raises(PeerError):
        server.receive_data(client._sealer.seal(9, b""))
    assert seen == ["unknown"]
