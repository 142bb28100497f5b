"""How this messenger uses MLS: suite, limits, padding, and who we are in every group."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from geventim.chat.values import account_id
from geventim.client.people.credentials import accept_credential, make_credential
from geventim.client.people.profile import Profile
from geventim.client.sealing.charter import CAPABILITIES, Charter
from geventim.crypto import signature
from geventim.errors import AuthenticationError, PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.epochs.vantage import Vantage
from geventim.mls.ground.capabilities import Lifetime
from geventim.mls.ground.cipher_suite import CipherSuite, suite_of
from geventim.mls.ground.credentials import Credential
from geventim.mls.ground.leaf_node import Client, LeafNode
from geventim.mls.ground.policy import Policy
from geventim.mls.groups import archive
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.key_package import OwnKeyPackage, generate_key_package
from geventim.mls.schedule.psk import PskName, PskSource, no_psks
from geventim.mls.tree.treekem import PrivateKeys

SUITE: Final[CipherSuite] = suite_of(3)
"""X25519, ChaCha20-Poly1305, SHA-256, Ed25519."""

BUCKETS: Final = (256, 1024, 4096, 16384, 61440)
"""Bytes to which what we seal is padded; above the last, to a multiple of it.

The last one and what is around it fit a log entry (64 KiB).
"""

LEAF_SIZE: Final = 512
"""The most bytes in a leaf node: room for the longest nick, and little else."""

DAY: Final = 24 * 3600
LIFETIME: Final = 84 * DAY
"""Seconds for which a key package is good, from a day before it was made: clocks differ."""


def padding(size: int) -> int:
    """Bytes to add to a plaintext of ``size`` bytes."""
    for bucket in BUCKETS:
        if size <= bucket:
            return bucket - size
    return -size % BUCKETS[-1]


GENERATIONS: Final = 256
"""Steps that one message may move its author's ratchet; an author seals 128 in an epoch."""

LATE_KEYS: Final = 32
"""Keys that are kept of messages which have not come: an author has no more on their way."""

LAST_EPOCH: Final = (1 << 63) - 1
"""The highest epoch in which a group is entered: nobody ever gets from there to the last one."""


def make_policy(server_key: bytes) -> Policy:
    """What the members of all conversations on one server must agree on, and our own limits."""
    return Policy(
        max_generations_ahead=GENERATIONS,
        max_late_keys=LATE_KEYS,
        max_epoch=LAST_EPOCH,
        past_epochs=0,
        max_leaf_size=LEAF_SIZE,
        padding=padding,
        accept_credential=_accept(server_key),
    )


def _accept(server_key: bytes) -> Callable[[Credential, bytes], bool]:
    """Whether a leaf may have a credential and a signature key."""
    is_ours = accept_credential(server_key)

    def accept(credential: Credential, key: bytes) -> bool:
        try:
            signature.check_key(key)
        except AuthenticationError:
            return False
        return is_ours(credential, key)

    return accept


def lifetime(now: float) -> Lifetime:
    """When a key package or leaf that is made ``now`` is good."""
    return Lifetime(max(0, int(now) - DAY), max(0, int(now) - DAY) + LIFETIME)


@dataclass(frozen=True, slots=True)
class Engine:
    """Makes and restores the groups of one user. ``account`` is the user's account id."""

    account: bytes
    client: Client = field(repr=False)
    policy: Policy
    random: Callable[[int], bytes]

    @classmethod
    def of(cls, profile: Profile, random: Callable[[int], bytes]) -> "Engine":
        """The engine of the user of ``profile``."""
        identity = profile.keys.identity
        account = account_id(identity.public)
        credential = make_credential(profile.server_key, account, profile.nick)
        client = Client(identity, credential, CAPABILITIES)
        return cls(account, client, make_policy(profile.server_key), random)

    def found(self, conversation: bytes, charter: Charter, now: float) -> Group:
        """The group of a conversation, of ourselves alone."""
        return Group.create(
            SUITE,
            conversation,
            self.client,
            lifetime(now),
            random=self.random,
            extensions=(charter.extension(),),
            policy=self.policy,
        )

    def restore(self, fixed: bytes, moving: bytes) -> Group:
        """A group as it was saved. Raises :class:`StoreError`."""
        return Group(archive.restore(fixed, moving), self.random, self.policy)

    def restore_outlook(self, kept: bytes) -> Vantage:
        """A group as it was saved without its secrets. Raises :class:`StoreError`."""
        return archive.restore_vantage(kept, self.client)

    def look_on(self, public: PublicState, index: int) -> Vantage:
        """A group in which our leaf is that of another copy of us, whose keys we lack."""
        keys = PrivateKeys(SUITE.generate_key_pair(self.random))
        return Vantage(public, index, keys, self.client)

    def enter_epoch(self, vantage: Vantage, member_secret: bytes, generation: int) -> Group:
        """The group of a member to whom another one has told the member secret of its epoch.

        We go on with our message key of that ``generation``. Raises :class:`PeerError`.
        """
        return Group.enter(
            vantage,
            member_secret,
            generation=generation,
            random=self.random,
            policy=self.policy,
        )

    def join(self, welcome: bytes, own: OwnKeyPackage, psks: PskSource = no_psks) -> Group:
        """The group that ``welcome`` invites to. Raises :class:`PeerError`."""
        return Group.join(welcome, own, random=self.random, policy=self.policy, psks=psks)

    def read_entrance(self, group_info: bytes) -> Entrance:
        """A group that one could join; the costly part of joining. Raises :class:`PeerError`."""
        return Entrance.read(group_info, self.policy, blindly=self.random)

    def make_entrance(self, public: PublicState) -> Entrance:
        """A way into a group that we follow, of which nobody has the key."""
        return Entrance.blind(public, self.random)

    def enter(
        self,
        entrance: Entrance,
        name: PskName | None,
        psks: PskSource,
        replaces: int | None,
        declare: Callable[[LeafNode], bytes],
    ) -> tuple[Group, bytes]:
        """The group joined from outside, and the commit to send. Raises :class:`PeerError`.

        ``declare`` gives the commit's authenticated data for our new leaf.
        """
        if entrance.public.suite.number != SUITE.number:
            raise PeerError("a group with another cipher suite")
        return Group.join_by_commit(
            entrance,
            self.client,
            random=self.random,
            policy=self.policy,
            psks=() if name is None else (name,),
            psk_source=psks,
            replaces=replaces,
            authenticated_data=declare,
        )

    def generate_key_packages(self, count: int, now: float) -> list[OwnKeyPackage]:
        """``count`` fresh key packages of ours."""
        return [
            generate_key_package(SUITE, self.client, lifetime(now), self.random)
            for _ in range(count)
        ]
