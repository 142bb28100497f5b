"""A random life of a group, written down in the official format as a silent member sees it."""

import json
from collections import Counter
from collections.abc import Sequence
from random import Random

from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.ground.capabilities import Capabilities, Lifetime
from geventim.mls.ground.cipher_suite import CipherSuite
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import (
    Extension,
    ExternalSender,
    RequiredCapabilities,
    external_senders_extension,
)
from geventim.mls.ground.leaf_node import Client
from geventim.mls.groups.commit_creation import CommitRequest, WelcomeOptions
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.messages.external_proposals import ask_to_join, propose_from_outside
from geventim.mls.messages.key_package import KeyPackage, OwnKeyPackage, generate_key_package
from geventim.mls.messages.message import encode_message
from geventim.mls.messages.proposals import (
    Add,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ReInit,
    Remove,
)
from geventim.mls.schedule.psk import APPLICATION, ExternalPsk, PskName, ResumptionPsk, psk_id
from tests.mls.passive_client import LIBERAL
from tests.mls.primitive_formats import Case

GROUP_ID = b"scenario"
NOW = 1_000_000
FOREVER = Lifetime(0, (1 << 64) - 1)
EXTENSION = 0xF0F1
MOST_ACTORS = 5
MOST_MEMBERS = 30
PSKS = {ExternalPsk(b"one"): b"first secret", ExternalPsk(b"other"): b"second"}
KINDS = "add ask update remove outside psk resumption extensions".split()


def psks(name: PskName) -> bytes | None:
    return PSKS.get(name) if isinstance(name, ExternalPsk) else None


class Scenario:
    """A few members act and many are just there, the silent client among them."""

    def __init__(self, suite: CipherSuite, seed: int) -> None:
        self.suite = suite
        self.dice = Random(seed)
        self.happened: Counter[str] = Counter()
        self.epochs: list[Case] = []
        self.newcomers: list[OwnKeyPackage] = []
        self.never_removed: set[int] = set()
        self.outsider = SigningKey(self.dice.randbytes(32))
        sender = ExternalSender(self.outsider.public, BasicCredential(b"outsider"))
        self.senders = external_senders_extension((sender,))
        founder = Group.create(
            suite,
            GROUP_ID,
            self.client(),
            FOREVER,
            random=self.dice.randbytes,
            extensions=(self.senders,),
            policy=LIBERAL,
        )
        self.actors = [founder]

    def write(self, epochs: int) -> Case:
        """What the silent client saw of so many epochs, the last of which closes the group."""
        for _ in range(5):
            self.live_one_epoch()
        case = self.let_the_silent_client_in()
        self.epochs = []
        for _ in range(epochs - 1):
            self.live_one_epoch()
        self.close()
        written: Case = json.loads(json.dumps({**case, "epochs": self.epochs}))
        return written

    def often(self, share: float) -> bool:
        return self.dice.random() < share

    def client(self) -> Client:
        capabilities = Capabilities(extensions=(EXTENSION,))
        name = BasicCredential(self.dice.randbytes(8))
        return Client(SigningKey(self.dice.randbytes(32)), name, capabilities)

    def package(self) -> KeyPackage:
        own = generate_key_package(self.suite, self.client(), FOREVER, self.dice.randbytes)
        self.newcomers.append(own)
        return own.key_package

    def psk(self, name: PskName) -> PreSharedKey:
        return PreSharedKey(psk_id(name, self.dice.randbytes))

    def let_the_silent_client_in(self) -> Case:
        author = self.dice.choice(self.actors)
        package = self.package()
        own = self.newcomers.pop()
        with_tree = self.often(0.5)
        request = CommitRequest(
            [Add(package), *([self.psk(ExternalPsk(b"one"))] if self.often(0.5) else [])],
            NOW,
            with_pending=False,
            welcome=WelcomeOptions(with_tree=with_tree),
        )
        staged = author.commit(request, psks)
        self.take(staged.message, (author, staged))
        (leaf,) = staged.effects.added
        self.never_removed = {leaf}
        assert staged.welcome is not None
        return {
            "cipher_suite": self.suite.number,
            "external_psks": [
                {"psk_id": name.psk_id.hex(), "psk": psk.hex()} for name, psk in PSKS.items()
            ],
            "key_package": encode_message(package).hex(),
            "signature_priv": own.client.signing_key.secret.hex(),
            "encryption_priv": own.encryption_key.secret.hex(),
            "init_priv": own.init_key.secret.hex(),
            "welcome": staged.welcome.hex(),
            "ratchet_tree": None if with_tree else author.export_tree().hex(),
            "initial_epoch_authenticator": author.epoch_authenticator.hex(),
        }

    def live_one_epoch(self) -> None:
        """Some propose, then somebody commits, or joins."""
        self.newcomers = []
        proposed = [self.propose(self.dice.choice(KINDS)) for _ in range(self.dice.randrange(5))]
        commit = self.join_from_outside() if self.often(0.15) else self.commit()
        self.note(proposed, commit)

    def close(self) -> None:
        """The last epoch, proposed and committed."""
        author = self.actors[0]
        proposal = author.propose(ReInit(b"next", 1, self.suite.number, ()), now=NOW)
        for group in self.actors[1:]:
            group.receive(proposal)
        staged = author.commit(CommitRequest([], NOW, force_path=False), psks)
        self.take(staged.message, (author, staged))
        assert author.status is Status.CLOSED
        self.note([proposal], staged.message)

    def note(self, proposals: Sequence[bytes], commit: bytes) -> None:
        secrets = self.actors[0].state.epoch.secrets
        self.epochs.append(
            {
                "proposals": [message.hex() for message in proposals],
                "commit": commit.hex(),
                "epoch_authenticator": secrets.epoch_authenticator.hex(),
            }
        )

    def take(self, commit: bytes, own: tuple[Group, StagedCommit] | None = None) -> None:
        """Let all who act take a commit; some may go with it."""
        for group in self.actors:
            staged = own[1] if own and group is own[0] else group.receive(commit, psks)
            assert isinstance(staged, StagedCommit)
            group.merge(staged)
        self.actors = [group for group in self.actors if group.status is not Status.REMOVED]

    def commit(self) -> bytes:
        author = self.dice.choice(self.actors)
        by_value: list[Proposal] = []
        if self.often(0.3):
            by_value.append(Add(self.package()))
        if self.often(0.2):
            by_value.append(self.psk(ExternalPsk(b"other")))
        client = author.client
        if self.often(0.2):
            client = Client(self.client().signing_key, client.credential, client.capabilities)
        request = CommitRequest(
            by_value,
            NOW,
            client=None if client is author.client else client,
            force_path=self.often(0.5),
        )
        staged = author.commit(request, psks, public=self.often(0.4))
        self.take(staged.message, (author, staged))
        self.happened["full" if staged.effects.has_path else "partial"] += 1
        if staged.welcome is not None:
            self.welcome(staged.welcome)
        return staged.message

    def welcome(self, welcome: bytes) -> None:
        """Let those newcomers act who were added, have all PSKs, and find a place."""
        for own in self.newcomers:
            if len(self.actors) < MOST_ACTORS:
                try:
                    group = Group.join(
                        welcome, own, random=self.dice.randbytes, policy=LIBERAL, psks=psks
                    )
                except PeerError:
                    continue
                self.actors.append(group)

    def join_from_outside(self) -> bytes:
        """Somebody new, or an actor once more."""
        *others, guide = self.dice.sample(self.actors, len(self.actors))
        old = others[0] if others and self.often(0.4) else None
        group, commit = Group.join_by_commit(
            Entrance.read(guide.group_info(with_tree=False), LIBERAL, guide.export_tree()),
            self.client() if old is None else old.client,
            random=self.dice.randbytes,
            policy=LIBERAL,
            psks=[ExternalPsk(b"other")] if self.often(0.3) else [],
            psk_source=psks,
            replaces=None if old is None else old.own_index,
        )
        self.take(commit)
        self.actors.append(group)
        del self.actors[:-MOST_ACTORS]
        self.happened["join" if old is None else "resync"] += 1
        return commit

    def propose(self, kind: str) -> bytes:
        """Something that a member wants, or somebody outside; all who act receive it."""
        author = self.dice.choice(self.actors)
        public = self.often(0.4)
        if kind == "update":
            message = author.propose_update(public=public)
        elif kind == "ask":
            self.package()
            message = ask_to_join(GROUP_ID, author.epoch, self.newcomers[-1])
        elif kind == "outside":
            wanted = self.wanted(self.dice.choice(["add", "remove", "extensions"]), author)
            message = propose_from_outside(
                self.suite, GROUP_ID, author.epoch, 0, self.outsider, wanted
            )
        else:
            message = author.propose(self.wanted(kind, author), now=NOW, public=public)
        for group in self.actors:
            if group is not author or kind in ("ask", "outside"):
                group.receive(message)
        self.happened[kind] += 1
        return message

    def wanted(self, kind: str, author: Group) -> Proposal:
        members = [index for index, _ in author.members()]
        removable = [i for i in members if i not in self.never_removed | {author.own_index}]
        if kind == "remove" and len(self.actors) > 2 and removable:
            return Remove(self.dice.choice(removable))
        if kind == "add" and len(members) < MOST_MEMBERS:
            return Add(self.package())
        if kind == "resumption":
            return self.psk(ResumptionPsk(APPLICATION, GROUP_ID, author.epoch))
        if kind == "extensions":
            required = RequiredCapabilities((EXTENSION,), (), (1,)).extension()
            others = (required, Extension(EXTENSION, self.dice.randbytes(3)))
            return GroupContextExtensions(
                (self.senders, *(each for each in others if self.often(0.5)))
            )
        return self.psk(ExternalPsk(b"one"))
