"""Honest members and insiders in one room: nobody is stopped, all agree, nothing is lost.

Honest people talk, lose their lines, die and come back, leave and return; insiders make every move
of :class:`tests.insider.Move`, give false help, false states and false voids, ask without a need,
leave and come back. One play in four is in a group, whose founder removes insiders. What every play
must keep: no honest member is ever stopped; within 120 s of the last move all honest members who
are there are in step and agree; what an honest author saw as sent was read by everyone honest who
was there all the time, but for who was led to another place then, and was told so; no key and nonce
seal two things; whoever was taken out opens nothing that is written later, and has no key of the
tree, whatever it has stored.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from geventim.chat.requests import Append
from geventim.chat.values import EntryKind, Kind
from geventim.crypto.aead import AEAD
from geventim.errors import PeerError
from geventim.mls.messages.framing import PrivateMessage
from geventim.mls.messages.message import decode_message
from tests.client.plays import Author, Play, can_open

PARTS = 5
"""Tests among which the plays are dealt out, so that each ends in time."""


class Spy:
    """Whatever is sealed in this process, by HPKE too, and which messages of it leave.

    No key and nonce seal two things. That the nonce of a message has a random part is not what
    keeps two of them apart: of those that leave, each has a key of its own.
    """

    def __init__(self) -> None:
        self.seen: dict[tuple[bytes, bytes], tuple[bytes, bytes]] = {}
        self.keys: dict[bytes, bytes] = {}
        self.left: dict[bytes, bytes] = {}
        self.twice = 0

    def note(
        self, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes, sealed: bytes
    ) -> None:
        known = self.seen.setdefault((key, nonce), (plaintext, associated))
        self.twice += known != (plaintext, associated)
        self.keys[sealed] = key

    def leave(self, payload: bytes) -> None:
        """An entry leaves that somebody honest has written."""
        with suppress(PeerError):
            message = decode_message(payload)
            if isinstance(message, PrivateMessage):
                sealed = message.ciphertext
                self.twice += self.left.setdefault(self.keys[sealed], sealed) != sealed


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spy]:
    spy, seal, settle = Spy(), AEAD.seal, Author._settle

    def spied(cipher: AEAD, key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
        sealed = seal(cipher, key, nonce, plaintext, associated)
        spy.note(key, nonce, plaintext, associated, sealed)
        return sealed

    def settled(person: Author) -> None:
        before = len(person.asked)
        settle(person)
        for request, payload in person.asked[before:]:
            if isinstance(request, Append):
                spy.leave(payload)

    monkeypatch.setattr(AEAD, "seal", spied)
    monkeypatch.setattr(Author, "_settle", settled)
    yield spy
    assert spy.left
    assert spy.twice == 0


def test_who_was_removed_opens_what_was_written_before_and_nothing_later() -> None:
    play = Play(7, 3, 1, Kind.GROUP, "crew")
    (insider,) = play.insiders
    assert insider.group is not None
    play.people[1].say("@group send crew before")
    play.world.advance(1)
    play.check_keys()
    assert play.gone == {}
    play.remove(insider)
    play.world.advance(1)
    play.people[1].say("@group send crew after")
    play.world.advance(1)
    play.check_keys()
    assert list(play.gone) == [insider.account]
    log = play.world.store._logs[play.people[0].at().id].entries.values()
    words = [entry.payload for entry in log if entry.kind is EntryKind.MESSAGE]
    assert [can_open(insider, each) for each in words] == [True, False]
    play.check_secrecy()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_play_ends_well(rounds: Callable[[int], int], spy: Spy, part: int) -> None:
    for seed in range(part, rounds(200), PARTS):
        play(seed)


def play(seed: int) -> None:
    """The play of ``seed``; one in twenty is a large one."""
    dice = random.Random(seed)
    honest = dice.randint(10, 40) if seed % 20 == 19 else dice.randint(2, 8)
    insiders = dice.randint(0, 8 if honest > 8 else 4)
    if insiders and seed % 4 == 2:
        made = Play(seed, honest, insiders, Kind.GROUP, "crew")
    else:
        made = Play(seed, honest, insiders)
    try:
        made.run(15 if honest > 8 else 40)
        made.end()
    except AssertionError as error:
        error.add_note(f"in the play of seed {seed}")
        raise
