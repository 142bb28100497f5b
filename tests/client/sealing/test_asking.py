from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat.limits import ASK_SIZE
from geventim.chat.values import Kind
from geventim.client.sealing.asking import Ask, Help, UnverifiedAsk, make_ask, make_help
from geventim.client.sealing.engine import SUITE
from geventim.crypto.dh import PrivateKey
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.groups.group import Group
from tests.client.members import PLACE, charter_of, draw, group_of

KEY = PrivateKey(draw("one-time key")(32))
RANDOM = draw("asking")
SECRET = b"m" * 32


@pytest.fixture(scope="module")
def groups() -> list[Group]:
    return group_of(PLACE, charter_of(Kind.ROOM), "alice", "bob")


def asked(groups: list[Group], count: int = 0) -> UnverifiedAsk:
    """An ask of the second."""
    return UnverifiedAsk.decode(make_ask(groups[1].vantage, KEY.public, count))


def helped(groups: list[Group], secret: bytes = SECRET) -> Help:
    """The help of the first."""
    public = groups[0].vantage.public
    return Help.decode(make_help(public, asked(groups).verify(public), secret, RANDOM))


def test_who_asks_is_helped(groups: list[Group]) -> None:
    public = groups[0].vantage.public
    ask = asked(groups, 7).verify(public)
    assert ask == Ask(groups[0].member(1), 7, KEY.public)
    secret = groups[0].member_secret or b""
    assert helped(groups, secret).open(groups[1].vantage, KEY) == secret
    entered = Group.enter(groups[1].vantage, secret, random=RANDOM)
    assert entered.epoch_authenticator == groups[0].epoch_authenticator


def test_an_ask_is_its_parts_one_behind_the_other(groups: list[Group]) -> None:
    data = make_ask(groups[1].vantage, KEY.public, 3)
    public = groups[1].vantage.public
    head = b"".join(
        [
            b"\x01",
            PLACE,
            (1).to_bytes(8, "big"),
            public.interim_transcript_hash,
            (1).to_bytes(4, "big"),
            b"\x03",
            KEY.public,
        ]
    )
    signature = groups[1].client.signing_key.sign(b"geventim ask" + head)
    assert data == head + signature


def test_help_is_its_parts_one_behind_the_other(groups: list[Group]) -> None:
    public, help_ = groups[0].vantage.public, helped(groups)
    head = b"\x01" + PLACE + (1).to_bytes(8, "big") + public.interim_transcript_hash + KEY.public
    assert help_.encode()[: len(head)] == head
    assert help_.encode()[len(head) :] == (0x4000 | len(help_.sealed)).to_bytes(2) + help_.sealed


def test_both_are_small(groups: list[Group]) -> None:
    assert len(asked(groups, 255).encode()) <= ASK_SIZE
    assert len(helped(groups).encode()) <= ASK_SIZE


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"conversation": b"d" * 16},
        {"epoch": 2},
        {"history": bytes(32)},
        {"leaf_index": 0},
        {"leaf_index": 2},
        {"leaf_index": (1 << 32) - 1},
        {"count": 1},
        {"key": bytes(32)},
        {"key": SUITE.generate_key_pair(RANDOM).public},
        {"signature": bytes(64)},
    ],
    ids=str,
)
def test_an_ask_is_what_its_member_has_signed(
    groups: list[Group], change: dict[str, object]
) -> None:
    public = groups[0].vantage.public
    with pytest.raises(PeerError):
        replace(asked(groups), **change).verify(public)


@pytest.mark.parametrize("change", [{"epoch": 2}, {"group_id": b"d" * 16}], ids=str)
def test_an_ask_is_about_one_epoch_though_its_history_is_ours(
    groups: list[Group], change: dict[str, object]
) -> None:
    vantage = groups[1].vantage
    context = replace(vantage.public.context, **change)
    other = replace(vantage, public=replace(vantage.public, context=context))
    with pytest.raises(PeerError, match="another epoch"):
        UnverifiedAsk.decode(make_ask(other, KEY.public, 0)).verify(groups[0].vantage.public)


def test_nothing_is_sealed_to_a_key_of_small_order(groups: list[Group]) -> None:
    """Though its owner has signed it."""
    unverified = UnverifiedAsk.decode(make_ask(groups[1].vantage, bytes(32), 0))
    with pytest.raises(PeerError, match="small order"):
        unverified.verify(groups[0].vantage.public)


def test_who_has_another_history_is_not_helped(groups: list[Group]) -> None:
    public = replace(groups[0].vantage.public, interim_transcript_hash=bytes(32))
    with pytest.raises(PeerError, match="history"):
        asked(groups).verify(public)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"conversation": b"d" * 16},
        {"epoch": 2},
        {"history": bytes(32)},
        {"key": bytes(32)},
        {"sealed": b""},
        {"sealed": bytes(100)},
    ],
    ids=str,
)
def test_help_is_for_one_ask(groups: list[Group], change: dict[str, object]) -> None:
    with pytest.raises(PeerError):
        replace(helped(groups), **change).open(groups[1].vantage, KEY)


def test_both_keys_are_needed(groups: list[Group]) -> None:
    """Neither who steals the one-time key later nor who steals the leaf's key reads it."""
    help_, vantage = helped(groups), groups[1].vantage
    other = SUITE.generate_key_pair(RANDOM)
    with pytest.raises(PeerError):
        help_.open(vantage, other)
    with pytest.raises(AuthenticationError):
        help_.open(vantage, PrivateKey(other.secret, KEY.public))
    with pytest.raises(AuthenticationError):
        help_.open(replace(vantage, keys=replace(vantage.keys, leaf=other)), KEY)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_a_secret_of_another_size_is_none(groups: list[Group], size: int) -> None:
    with pytest.raises(AuthenticationError):
        helped(groups, bytes(size)).open(groups[1].vantage, KEY)


def test_help_is_not_shown(groups: list[Group]) -> None:
    assert "sealed" not in repr(helped(groups))


@given(st.binary(max_size=ASK_SIZE))
def test_any_bytes_are_refused(groups: list[Group], data: bytes) -> None:
    with pytest.raises(PeerError):
        UnverifiedAsk.decode(data).verify(groups[0].vantage.public)
    with pytest.raises(PeerError):
        Help.decode(data).open(groups[1].vantage, KEY)


@given(place=st.integers(min_value=0), value=st.integers(1, 255))
def test_any_changed_byte_is_noticed(groups: list[Group], place: int, value: int) -> None:
    ask = changed(make_ask(groups[1].vantage, KEY.public, 0), place, value)
    with pytest.raises(PeerError):
        UnverifiedAsk.decode(ask).verify(groups[0].vantage.public)
    help_ = changed(helped(groups).encode(), place, value)
    with pytest.raises(PeerError):
        Help.decode(help_).open(groups[1].vantage, KEY)


def changed(data: bytes, place: int, value: int) -> bytes:
    other = bytearray(data)
    other[place % len(data)] ^= value
    return bytes(other)
