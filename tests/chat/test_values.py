import hashlib
from itertools import permutations

import pytest

from geventim.chat.values import (
    ID_SIZE,
    Entry,
    EntryKind,
    account_id,
    claim,
    dm_id,
    first_hash,
    gate_claim,
    next_hash,
)

IDENTITY, CHANNEL, SERVER = b"i" * 32, b"c" * 32, b"s" * 32
ALICE, BOB, CAROL = b"a" * 16, b"b" * 16, b"c" * 16


def test_account_id_is_the_beginning_of_a_hash() -> None:
    assert account_id(IDENTITY) == hashlib.sha256(IDENTITY).digest()[:ID_SIZE]
    assert len(account_id(IDENTITY)) == ID_SIZE


def test_conversation_of_two_is_the_same_from_both_sides() -> None:
    assert dm_id(ALICE, BOB) == dm_id(BOB, ALICE)
    assert len(dm_id(ALICE, BOB)) == ID_SIZE


def test_every_pair_has_its_own_conversation() -> None:
    pairs = [(ALICE, BOB), (ALICE, CAROL), (BOB, CAROL), (ALICE, ALICE), (BOB, BOB)]
    assert len({dm_id(*pair) for pair in pairs}) == len(pairs)


def test_claim_depends_on_everything_it_claims() -> None:
    parts = {"server_key": SERVER, "nick": "alice", "identity": IDENTITY, "channel_key": CHANNEL}
    claims = {claim(**parts)}
    for name, value in parts.items():
        other = value + "x" if isinstance(value, str) else value[:-1] + b"x"
        claims.add(claim(**{**parts, name: other}))
    for keys in permutations([SERVER, IDENTITY, CHANNEL]):
        server_key, identity, channel_key = keys
        claims.add(claim(server_key, "alice", identity, channel_key))
    # The last six hold the first claim once more.
    assert len(claims) == 1 + 4 + 5


@pytest.mark.parametrize("nick", ["alice", "Дмитрий", "日本語"])
def test_claim_ends_with_the_nick(nick: str) -> None:
    assert claim(SERVER, nick, IDENTITY, CHANNEL).endswith(CHANNEL + nick.encode())


def test_running_hash_stands_for_incarnation_numbers_and_payloads() -> None:
    first = first_hash(ALICE)
    assert first == hashlib.sha256(b"geventim log" + ALICE).digest()
    assert next_hash(first, 1, b"x") == hashlib.sha256(first + bytes(7) + b"\x01x").digest()
    hashes = {
        next_hash(first, 1, b"x"),
        next_hash(first_hash(BOB), 1, b"x"),
        next_hash(first, 2, b"x"),
        next_hash(first, 1, b"y"),
        next_hash(next_hash(first, 1, b"x"), 2, b""),
    }
    assert len(hashes) == 5


def test_entry_knows_the_hash_after_it() -> None:
    previous = first_hash(ALICE)
    entry = Entry(
        CAROL, 7, 0.5, ALICE, EntryKind.COMMIT, BOB, previous, payload=b"x", welcome=b"not counted"
    )
    assert entry.hash == next_hash(previous, 7, b"x")


def test_gate_claim_depends_on_everything_it_claims() -> None:
    claims = {gate_claim(*parts) for parts in permutations([ALICE, BOB, CAROL, bytes(16)])}
    assert len(claims) == 24
