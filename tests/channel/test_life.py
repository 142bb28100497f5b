"""PING and PONG: only by agreement, answered once for all, and only where somebody has asked."""

import hmac
from collections.abc import Callable
from typing import Any

import pytest

from geventim.channel.events import Closed, Frames
from geventim.channel.handshake import Initiator, Responder
from geventim.channel.life import LIFE
from geventim.channel.records import FRAMES, NAMES, PING, PONG
from geventim.errors import MisuseError, PeerError

Pair = tuple[Initiator, Responder]


@pytest.fixture
def agreed(connect: Callable[..., Pair]) -> Pair:
    """A client and a server that have agreed on signs of life."""
    client, server = connect()
    client.agree_on_life_signs()
    server.agree_on_life_signs()
    return client, server


@pytest.mark.parametrize("asks_first", [0, 1])
def test_who_is_asked_answers_and_the_layer_above_hears_of_neither(
    agreed: Pair, asks_first: int
) -> None:
    asking, asked = agreed[asks_first], agreed[1 - asks_first]
    assert not asked.is_asked
    assert asked.receive_data(asking.ping()) == []
    assert asked.is_asked
    assert asking.receive_data(asked.pong()) == []
    assert not asked.is_asked
    assert asked.receive_data(asking.seal(b"text")) == [Frames(b"text")]


def test_one_pong_answers_all_pings_before_it(agreed: Pair) -> None:
    client, server = agreed
    server.receive_data(b"".join(client.ping() for _ in range(100)))
    client.receive_data(server.pong())
    assert server.pong() == b""


def test_pings_that_cross_their_answers_are_answered_each(agreed: Pair) -> None:
    client, server = agreed
    first, second = client.ping(), client.ping()
    server.receive_data(first)
    answer = server.pong()
    server.receive_data(second)
    assert client.receive_data(answer + server.pong()) == []


@pytest.mark.parametrize("kind", sorted(LIFE))
def test_without_an_agreement_they_mean_nothing(connect: Callable[..., Pair], kind: int) -> None:
    client, server = connect()
    with pytest.raises(MisuseError):
        client.ping()
    assert server.pong() == b""
    with pytest.raises(PeerError, match=f"type {kind}"):
        server.receive_data(client._sealer.seal(kind, b""))


@pytest.mark.parametrize("kind", sorted(LIFE))
def test_without_an_agreement_the_real_ones_are_refused(
    connect: Callable[..., Pair], kind: int
) -> None:
    client, server = connect()
    with pytest.raises(PeerError):
        server.receive_data(client._sealer.seal_bare(kind))


def test_an_answer_to_nothing_ends_the_connection(agreed: Pair) -> None:
    client, server = agreed
    with pytest.raises(PeerError):
        server.receive_data(client._sealer.seal_bare(PONG))
    assert not server.writable


def test_more_answers_than_questions_end_the_connection(agreed: Pair) -> None:
    client, server = agreed
    server.receive_data(client.ping())
    client.receive_data(server.pong())
    with pytest.raises(PeerError):
        client.receive_data(server._sealer.seal_bare(PONG))


@pytest.mark.parametrize("kind", sorted(LIFE))
def test_they_carry_nothing(agreed: Pair, kind: int) -> None:
    client, server = agreed
    client.receive_data(server.ping())  # so that a PONG is due
    with pytest.raises(PeerError):
        server.receive_data(client._sealer.seal(kind, b"more"))


@pytest.mark.parametrize("kind", sorted(set(NAMES) - LIFE))
def test_no_other_record_is_as_short(agreed: Pair, kind: int) -> None:
    client, server = agreed
    with pytest.raises(PeerError):
        client.receive_data(server._sealer.seal_bare(kind))


def test_a_ping_that_comes_alone_is_answered_at_once(agreed: Pair) -> None:
    client, server = agreed
    for _ in range(3):
        assert client.receive_data(server.answer(client.ping())) == []
    assert not server.is_asked
    assert server._sealer._mac is server._opener._mac is None


def test_what_is_no_ping_that_comes_alone_is_left_to_be_read(agreed: Pair) -> None:
    client, server = agreed
    ping = client.ping()
    for data in (b"", ping[:-1], ping + b"?", ping[:-1] + bytes([ping[-1] ^ 1]), b"?" + ping[1:]):
        assert server.answer(data) == b""
    assert server.said == 0
    server.receive_data(ping[:20])
    assert server.answer(ping) == b""
    server.receive_data(ping[20:])
    assert server.is_asked
    assert server.answer(client.ping()) == b""


@pytest.mark.parametrize("where", range(37))
def test_a_flipped_bit_is_detected(agreed: Pair, where: int) -> None:
    client, server = agreed
    ping = bytearray(client.ping())
    ping[where] ^= 1
    with pytest.raises(PeerError):
        server.receive_data(bytes(ping) + bytes(1000))


def test_one_that_is_replayed_is_detected(agreed: Pair) -> None:
    client, server = agreed
    ping = client.ping()
    server.receive_data(ping)
    with pytest.raises(PeerError):
        server.receive_data(ping)


def test_one_that_is_missing_is_missed(agreed: Pair) -> None:
    client, server = agreed
    client.ping()
    with pytest.raises(PeerError):
        server.receive_data(client.ping())


def test_the_document_describes_them(agreed: Pair) -> None:
    client, _ = agreed
    key = client._sealer
    ping = client.ping()
    message = bytes([PING]) + bytes(8)
    assert ping == b"\0\0\0\x21\x05" + hmac.digest(key._key.mac, message, "sha256")


def test_who_has_closed_does_not_answer(agreed: Pair) -> None:
    client, server = agreed
    closing = server.close()
    server.receive_data(client.ping())
    assert server.pong() == b""
    assert client.receive_data(closing) == [Closed()]


def test_they_are_counted_and_traced_like_other_records(connect: Callable[..., Any]) -> None:
    traced: list[tuple[str, str]] = []
    client, server = connect(trace=lambda way, kind, _: traced.append((way, kind)))
    traced.clear()
    for side in (client, server):
        side.agree_on_life_signs()
        side.agree_on_life_signs()
        assert side.signs_life
    server.receive_data(client.ping())
    client.receive_data(server.pong())
    assert traced == [("out", "ping"), ("in", "ping"), ("out", "pong"), ("in", "pong")]
    assert (client.said, server.said) == (1, 1)


def test_their_types_are_their_own() -> None:
    assert len({PING, PONG, FRAMES}) == 3
    assert len(NAMES) == len(set(NAMES.values())) == 6
