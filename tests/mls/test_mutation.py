"""Any byte of any message may arrive changed: it is refused and leaves no trace, or says the same.

Two kinds of attackers change it: one who knows no secret, and a member who signs again.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import pytest

from geventim.errors import PeerError
from geventim.mls.ground.cipher_suite import AES_128_GCM, CHACHA20_POLY1305, CipherSuite
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import ExternalSender, external_senders_extension
from geventim.mls.ground.policy import Policy
from geventim.mls.groups import archive
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.external_proposals import ask_to_join, propose_from_outside
from geventim.mls.messages.framing import PublicMessage
from geventim.mls.messages.key_package import OwnKeyPackage, UnverifiedKeyPackage
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
)
from geventim.mls.messages.welcome import EncryptedGroupSecrets, Welcome
from geventim.mls.messages.welcome import _key_and_nonce as welcome_key
from geventim.mls.schedule.key_schedule import NO_SECRET, JoinerSecret
from geventim.mls.schedule.psk import ExternalPsk, psk_id
from tests.mls.builder import (
    GROUP_ID,
    NOW,
    add,
    client,
    create,
    join_from_outside,
    package,
    random,
    snapshot,
)

POLICY = Policy(accept_newcomer=lambda credential, key: True)
OUTSIDER = client("outsider")
SENDERS = external_senders_extension(
    (ExternalSender(OUTSIDER.signing_key.public, BasicCredential(b"outsider")),)
)


@dataclass
class Delivery:
    """A valid message, and somebody whom it reaches."""

    message: bytes
    receive: Callable[[bytes], object]
    """Gives all that the receiver learns, in a form that can be compared."""
    state: Callable[[], object]
    """Everything the receiver has, which does not change by what is refused."""


def to_group(group: Group, message: bytes) -> Delivery:
    return Delivery(message, group.receive, lambda: snapshot(group))


def to_newcomer(own: OwnKeyPackage, welcome: bytes) -> Delivery:
    return Delivery(
        welcome,
        lambda data: snapshot(Group.join(data, own, random=random, policy=POLICY)),
        lambda: archive.save_key_package(own),
    )


def read_entrance(data: bytes) -> object:
    entrance = Entrance.read(data, POLICY)
    return entrance.public.context, entrance.public.tree.encode(), entrance.external_pub


def read_key_package(data: bytes) -> object:
    read = decode_message(data)
    assert isinstance(read, UnverifiedKeyPackage)
    return read.verify()


def nothing() -> None:
    """The state of who has none."""


def deliveries(suite: CipherSuite) -> Iterator[tuple[str, Delivery]]:
    """A message of every kind, on its way to the second of four members or to a newcomer."""
    groups = [create(suite=suite, extensions=(SENDERS,), policy=POLICY)]
    add(groups, "bob", "carol", "dave", policy=POLICY)
    join_from_outside(groups, "erin", policy=POLICY)
    alice, bob, carol = groups[:3]

    yield "application", to_group(bob, alice.send(b"hello", b"header"))
    external = propose_from_outside(suite, GROUP_ID, bob.epoch, 0, OUTSIDER.signing_key, Remove(3))
    yield "external proposal", to_group(bob, external)
    yield (
        "newcomer's proposal",
        to_group(bob, ask_to_join(GROUP_ID, bob.epoch, package("u", suite))),
    )
    entrance = Entrance.read(alice.group_info(), POLICY)
    _, commit = Group.join_by_commit(entrance, client("gail"), random=random, policy=POLICY)
    yield "external commit", to_group(bob, commit)
    yield "group info", Delivery(alice.group_info(), read_entrance, nothing)
    yield (
        "key package",
        Delivery(encode_message(package("heidi", suite).key_package), read_key_package, nothing),
    )
    newcomers = [package("ivan", suite), package("judy", suite)]
    adds = [Add(own.key_package) for own in newcomers]
    for public in (False, True):
        where = "public" if public else "sealed"
        staged = alice.commit(CommitRequest([*adds, Remove(3)], NOW), public=public)
        yield f"{where} commit", to_group(bob, staged.message)
        assert staged.welcome is not None
        yield f"welcome of a {where} commit", to_newcomer(newcomers[1], staged.welcome)
    for number, public in enumerate((False, True)):
        where = "public" if public else "sealed"
        proposals = {
            "add": Add(package(f"kim {number}", suite).key_package),
            "remove": Remove(2),
            "psk": PreSharedKey(psk_id(ExternalPsk(b"psk"), random)),
            "reinit": ReInit(b"next", 1, suite.number, ()),
            "extensions": GroupContextExtensions((SENDERS,)),
        }
        for name, proposal in proposals.items():
            message = carol.propose(proposal, now=NOW, public=public)
            yield f"{where} proposal: {name}", to_group(bob, message)
        yield f"{where} proposal: update", to_group(bob, carol.propose_update(public=public))


def mutations(message: bytes, dice: Random, rounds: Callable[[int], int]) -> Iterator[bytes]:
    """Each byte changed to another, and some taken out, put in and repeated."""
    size = len(message)
    for position in sorted(dice.sample(range(size), rounds(size))):
        other = message[position] ^ dice.choice((1, 0x80, dice.randrange(1, 256)))
        yield message[:position] + bytes([other]) + message[position + 1 :]
    for position in dice.sample(range(size), rounds(min(size, 50))):
        yield message[:position]
        yield message[:position] + message[position + 1 :]
        yield message[:position] + dice.randbytes(1) + message[position:]
        yield message[:position] + message[position // 2 :]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("suite", [AES_128_GCM, CHACHA20_POLY1305], ids=["1", "3"])
def test_who_knows_no_secret_changes_nothing(suite, rounds):
    dice = Random(suite.number)
    for name, delivery in deliveries(suite):
        before, refused, harmless = delivery.state(), 0, 0
        changed = list(mutations(delivery.message, dice, rounds))
        same = None
        for data in changed:
            if data == delivery.message:
                continue
            try:
                learned = delivery.receive(data)
            except PeerError:
                refused += 1
            else:
                # In a Welcome, the secrets for others are nothing to us.
                assert name.startswith("welcome")
                same = same or delivery.receive(delivery.message)
                assert learned == same
                harmless += 1
            assert delivery.state() == before
        assert refused > harmless
        delivery.receive(delivery.message)


class TestEverySignatureIsRight:
    """As if a member, or who adds us, had signed whatever it likes."""

    @pytest.fixture(autouse=True)
    def _believe(self, monkeypatch):
        monkeypatch.setattr(CipherSuite, "verify_with_label", lambda *arguments: None)
        monkeypatch.setattr(CipherSuite, "verify_mac", lambda *arguments: None)

    @pytest.fixture(params=[AES_128_GCM, CHACHA20_POLY1305], ids=["1", "3"])
    def groups(self, request):
        groups = [create(suite=request.param, extensions=(SENDERS,), policy=POLICY)]
        add(groups, "bob", "carol", "dave", policy=POLICY)
        join_from_outside(groups, "erin", policy=POLICY)
        return groups

    def test_a_handshake_message_is_refused_or_believed(self, groups, rounds):
        alice, bob, carol = groups[:3]
        suite, dice = alice.suite, Random(1)
        entrance = Entrance.read(alice.group_info(), POLICY)
        _, join = Group.join_by_commit(entrance, client("f"), random=random, policy=POLICY)
        rejoin = Group.join_by_commit(
            entrance, carol.client, random=random, policy=POLICY, replaces=2
        )[1]
        adds = [Add(package(name, suite).key_package) for name in "gh"]
        request = CommitRequest([*adds, Remove(3), GroupContextExtensions((SENDERS,))], NOW)
        messages = [
            alice.commit(request, public=True).message,
            alice.commit(CommitRequest([ReInit(b"next", 1, 3, ())], NOW), public=True).message,
            join,
            rejoin,
            carol.propose(adds[0], now=NOW, public=True),
            carol.propose_update(public=True),
            carol.propose(GroupContextExtensions((SENDERS,)), now=NOW, public=True),
        ]
        for message in messages:
            before, sent = snapshot(bob), decode(message)
            for data in mutations(message, dice, rounds):
                try:
                    bob.receive(data)
                except PeerError:
                    assert snapshot(bob) == before
                else:
                    got = decode(data)
                    # A commit still has its confirmation tag, which is for this content only.
                    same = (got.content, got.auth) == (sent.content, sent.auth)
                    assert same or not isinstance(got.content.content, Commit)
                    before = snapshot(bob)
            bob.receive(message)
            bob.discard_proposals()

    def test_a_group_info_is_refused_or_believed(self, groups, rounds):
        info, dice = groups[0].group_info(), Random(2)
        believed = 0
        for data in mutations(info, dice, rounds):
            try:
                entrance = Entrance.read(data, POLICY)
                Group.join_by_commit(entrance, client("f"), random=random, policy=POLICY)
            except PeerError:
                continue
            believed += 1
        assert believed

    def test_a_welcome_is_refused_or_believed(self, groups, rounds):
        alice = groups[0]
        suite, own, dice = alice.suite, package("f", alice.suite), Random(3)
        staged = alice.commit(CommitRequest([Add(own.key_package)], NOW))
        assert staged.welcome is not None
        welcome = decode_message(staged.welcome)
        assert isinstance(welcome, Welcome)
        secrets = welcome.open_secrets(suite, own.key_package, own.init_key)
        joiner = JoinerSecret(secrets.joiner_secret, NO_SECRET)
        info = welcome.open_group_info(suite, joiner)
        opened = suite.aead.open(*welcome_key(suite, joiner), welcome.encrypted_group_info, b"")
        assert info.encode() == opened

        def sealed(info: bytes, secrets: bytes) -> bytes:
            sealed_info = suite.aead.seal(*welcome_key(suite, joiner), info, b"")
            key = own.key_package.init_key
            entry = suite.encrypt_with_label(key, "Welcome", sealed_info, secrets, random)
            name = own.key_package.reference()
            return encode_message(
                Welcome(suite.number, (EncryptedGroupSecrets(name, entry),), sealed_info)
            )

        def receive(data: bytes) -> None:
            with suppress(PeerError):
                Group.join(data, own, random=random, policy=POLICY)

        for changed in mutations(opened, dice, rounds):
            receive(sealed(changed, secrets.encode()))
        for changed in mutations(secrets.encode(), dice, rounds):
            receive(sealed(opened, changed))
        Group.join(sealed(opened, secrets.encode()), own, random=random, policy=POLICY)


def decode(message: bytes) -> PublicMessage:
    decoded = decode_message(message)
    assert isinstance(decoded, PublicMessage)
    return decoded
