"""An ordinary account whose client is not ours: it knows MLS, and does with it what it likes.

An :class:`Insider` follows one conversation like anybody else, and answers each turn with the
commit of the next :class:`Move` that it was given. It never waits: :meth:`Insider.take` gets what
has arrived, and its ``send`` puts a request on its way.
"""

import random
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as change
from enum import Enum
from itertools import count as numbers
from typing import Any

from geventim.chat import replies
from geventim.chat import requests as ask
from geventim.chat.requests import Request
from geventim.chat.values import EntryKind, Purpose
from geventim.client.people.credentials import Somebody, read_credential
from geventim.client.sealing.asking import Help, UnverifiedAsk, make_ask, make_help
from geventim.client.sealing.content import Content, ContentKind
from geventim.client.sealing.content import encode as encode_content
from geventim.client.sealing.counting import Void, count
from geventim.client.sealing.declaration import Declaration
from geventim.client.sealing.departures import sign_leave
from geventim.client.sealing.engine import SUITE, Engine
from geventim.client.sealing.testimony import UNKNOWN, Testimony
from geventim.crypto.dh import PrivateKey
from geventim.errors import GeventIMError, PeerError
from geventim.mls.epochs.vantage import Vantage
from geventim.mls.ground.cipher_suite import HPKECiphertext
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.key_package import KeyPackage, OwnKeyPackage, UnverifiedKeyPackage
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import Add, Proposal, Remove
from geventim.mls.tree import treekem
from geventim.mls.tree.nodes import Leaf, Subtree
from geventim.mls.tree.treekem import FreshPath
from geventim.mls.tree.update_path import UpdatePath, UpdatePathNode

Send = Callable[[Request, bytes], None]


class Move(Enum):
    """What a commit is to be."""

    FAIR = "as it should be"
    NOISE = "path secrets that are noise for everybody"
    SPLIT = "path secrets that are noise for some"
    TAG = "another confirmation tag"
    MEMBERSHIP_TAG = "another membership tag"
    HISTORY = "another history"
    BENT = "a bit that is not what was signed"
    GARBAGE = "bytes that are no commit"
    EPOCH = "for the epoch before"
    REMOVAL = "takes somebody out without a right"
    LAST_WORD = "declares everybody removed"
    REENTRY = "an external commit in the place of its own leaf"
    ADDITION = "adds somebody, with a Welcome that may be none"


INSIDE = frozenset(Move) - {Move.GARBAGE, Move.REENTRY, Move.LAST_WORD}
"""What takes the secrets of the epoch."""


@dataclass(frozen=True)
class Made:
    """A commit: its message, the group that it leads its author to, and what goes with it."""

    message: bytes
    after: Group | None
    removed: tuple[bytes, ...] = ()
    added: tuple[bytes, ...] = ()
    welcome: bytes = b""


class Insider:
    """Whose ``engine`` says who it is; ``moves`` are the commits to come.

    ``lies`` makes it give false states and false help. ``dice`` decides whatever is left open. It
    never forgets: ``secrets`` has every epoch that it was in, ``keys`` the public halves of every
    key of the tree that it had.
    """

    def __init__(
        self, engine: Engine, send: Send, clock: Callable[[], float], dice: random.Random
    ) -> None:
        self.engine = engine
        self.lies = True
        self.moves: deque[Move] = deque()
        self.head = 0
        self.group: Group | None = None
        self.vantage: Vantage | None = None
        self.info: replies.ConversationInfo | None = None
        self.refusals: list[str] = []
        self.secrets: list[tuple[Vantage, bytes]] = []
        self.keys: set[bytes] = set()
        self.packages: list[OwnKeyPackage] = []
        self.newcomers: deque[KeyPackage] = deque()
        self._send = send
        self._clock = clock
        self._dice = dice
        self._numbers = numbers(1)
        self._seq = 0
        self._log: dict[int, tuple[EntryKind, bytes, Group | None]] = {}
        self._sent: dict[int, tuple[EntryKind, bytes, Group | None]] = {}
        self._one_time: PrivateKey | None = None
        self._before: Group | None = None
        self._welcome = b""
        self._joining = self._listens = False

    @property
    def account(self) -> bytes:
        return self.engine.account

    @property
    def id(self) -> bytes:
        assert self.info is not None
        return self.info.id

    @property
    def is_in(self) -> bool:
        """Whether it has a leaf, as far as it has followed."""
        return self.vantage is not None

    @property
    def is_heard(self) -> bool:
        """Whether the server has taken the commit by which it came."""
        return self._listens

    # What it does.

    def ask(self, kind: type[Request], payload: bytes = b"", /, **fields: Any) -> int:
        """Put a request on its way; its number."""
        number = next(self._numbers)
        if "payload" in kind.__struct_fields__:
            fields["payload"] = len(payload)
        self._send(kind(id=number, **fields), payload)
        return number

    def come(self, info: replies.ConversationInfo) -> None:
        """Join the room of ``info``."""
        self.info, self._joining = info, True
        self.ask(ask.TakeTurn, conversation=self.id, purpose=Purpose.JOIN, state=True)

    def offer_packages(self, count: int = 5) -> None:
        """Let others add us to groups."""
        made = self.engine.generate_key_packages(count, self._clock())
        self.packages += made
        encoded = [encode_message(each.key_package) for each in made]
        sizes = tuple(map(len, encoded))
        self.ask(ask.UploadKeyPackages, b"".join(encoded), sizes=sizes, last_resort=False)

    def add(self, nick: str) -> None:
        """Add somebody to the group, once their key package has come."""
        self.ask(ask.ClaimKeyPackage, nick=nick)

    def commit(self, *moves: Move) -> None:
        """Make these moves, each when a turn comes."""
        for move in moves:
            self.moves.append(move)
            purpose = Purpose.COMMIT if self.group is not None else Purpose.REENTER
            self.ask(ask.TakeTurn, conversation=self.id, purpose=purpose, state=False)

    def idle(self) -> None:
        """Take a turn and do nothing with it."""
        self.ask(ask.TakeTurn, conversation=self.id, purpose=Purpose.COMMIT, state=False)

    def say(self, text: str, head: int | None = None) -> None:
        """A message, if we know how to seal one."""
        if self.group is None:
            payload = self._dice.randbytes(300)
        else:
            content = Content("mallory", text, self._clock(), ContentKind.ROOM)
            said = Testimony(0, UNKNOWN, 0, 0).encode()
            payload = self.group.send(encode_content(content), said)
        self._append(payload, EntryKind.MESSAGE, self.head if head is None else head)

    def leave(self) -> None:
        """Leave, as everybody may."""
        assert self.info is not None
        key = self.engine.client.signing_key
        leaf = history = bytes(32)
        if self.group is not None:
            leaf = self.group.vantage.leaf.encryption_key
            history = self.group.vantage.public.interim_transcript_hash
        departure = sign_leave(key, self.id, self.info.incarnation, leaf, history)
        self._append(departure.encode(), EntryKind.LEAVE, 0)
        self.group = self.vantage = None
        self._listens, self._welcome = False, b""
        self.moves.clear()
        self._log.clear()

    def ask_for_help(self) -> None:
        """Ask, whether or not there is a need."""
        if self.vantage is not None:
            self._one_time = SUITE.generate_key_pair(self.engine.random)
            payload = make_ask(self.vantage, self._one_time.public, self._dice.randrange(4))
            self.ask(ask.Ask, payload, conversation=self.id, seq=self.head)

    def accuse(self, seq: int) -> None:
        """Say that a commit does not count, whatever it is."""
        self.ask(ask.Void, self._state(), conversation=self.id, seq=seq)

    # What it is told.

    def take(self, message: Any, payload: bytes) -> None:
        """Take what the server says; what makes no sense to it is left alone."""
        match message:
            case replies.Turn():
                self._take_turn(message, payload)
            case replies.Opened():
                self.come(message.conversation)
            case replies.Added():
                self.info, self._seq = message.conversation, message.conversation.since
                self._listen(self._seq)
            case replies.Appended():
                if not self._listens:
                    self._seq = message.seq - 1
                if message.id in self._sent:
                    self._log[message.seq] = self._sent.pop(message.id)
                    self._read()
                self._listen(message.seq)
            case replies.KeyPackage():
                package = decode_message(payload)
                assert isinstance(package, UnverifiedKeyPackage)
                self.newcomers.append(package.verify(SUITE))
                self.commit(Move.ADDITION)
            case replies.EntryEvent():
                self._take_entry(message, payload)
            case replies.Asks():
                self._take_asks(message, payload)
            case replies.Helped():
                self._take_help(payload)
            case replies.StateWanted():
                self.ask(ask.Void, self._state(), conversation=self.id, seq=0)
            case replies.Error():
                self.refusals.append(message.code)
                self._sent.pop(message.id, None)

    def _take_entry(self, message: replies.EntryEvent, payload: bytes) -> None:
        mine = message.account == self.account and message.kind is EntryKind.COMMIT
        if message.welcome:
            self._welcome = payload[-message.welcome :]
            payload = payload[: -message.welcome]
        if not mine:
            self._log.setdefault(message.seq, (message.kind, payload, None))
            self._read()

    def _listen(self, seq: int) -> None:
        """Have the log delivered from the entry by which we came."""
        if not self._listens and self.info is not None:
            self._listens = True
            incarnation = self.info.incarnation
            self.ask(ask.Subscribe, conversation=self.id, incarnation=incarnation, after=seq)

    def _append(self, payload: bytes, kind: EntryKind, head: int) -> None:
        number = self.ask(
            ask.Append,
            payload,
            conversation=self.id,
            message_id=self.engine.random(16),
            kind=kind,
            head=head,
        )
        self._sent[number] = (kind, payload, None)

    def _take_turn(self, turn: replies.Turn, payload: bytes) -> None:
        if self._joining:
            self._join(turn, payload)
            return
        if not self.moves:
            return
        move = self.moves.popleft()
        if move in INSIDE and self.group is None:
            move = Move.REENTRY
        try:
            made = self._make(move)
        except (GeventIMError, AssertionError):
            self.ask(ask.GiveUpTurn, conversation=self.id)
            return
        self._submit(made, turn.head)

    def _join(self, turn: replies.Turn, payload: bytes) -> None:
        try:
            entrance = self.engine.read_entrance(payload)
            public = entrance.public
            own = public.tree.find(self.engine.client.signing_key.public)
            declared = Declaration(public.interim_transcript_hash).encode()
            group, message = Group.join_by_commit(
                entrance,
                self.engine.client,
                random=self.engine.random,
                policy=self.engine.policy,
                replaces=own,
                authenticated_data=declared,
            )
        except PeerError:
            self.ask(ask.GiveUpTurn, conversation=self.id)
            self.ask(ask.TakeTurn, conversation=self.id, purpose=Purpose.JOIN, state=True)
            return
        self._joining = False
        self.head = turn.head
        leaf = change(group.vantage, public=public)
        self.vantage = leaf
        self._submit(Made(message, group), turn.head, added=(self.account,))

    def _submit(self, made: Made, head: int, **fields: Any) -> None:
        state = self._state(made.after)
        number = self.ask(
            ask.Commit,
            made.message + made.welcome + state,
            conversation=self.id,
            message_id=self.engine.random(16),
            head=head,
            message=len(made.message),
            welcome=len(made.welcome),
            removed=made.removed,
            **{"added": made.added} | fields,
        )
        self._sent[number] = (EntryKind.COMMIT, made.message, made.after)

    def _state(self, group: Group | None = None) -> bytes:
        """A GroupInfo to give away, or one that is none."""
        group = group or self.group
        if group is None or (self.lies and self._dice.random() < 0.5):
            return self._dice.randbytes(200)
        return group.group_info()

    # Commits.

    def _make(self, move: Move) -> Made:
        match move:
            case Move.GARBAGE:
                return Made(self._dice.randbytes(self._dice.choice((1, 200, 5000))), None)
            case Move.LAST_WORD:
                others = [each.account for each in self._people() if each.account != self.account]
                return Made(self._dice.randbytes(100), None, tuple(others[:256]))
            case Move.REENTRY:
                return self._reenter()
        assert self.group is not None
        public = self.group.vantage.public
        history = public.interim_transcript_hash
        proposals: tuple[Proposal, ...] = ()
        if move is Move.HISTORY:
            history = self._dice.randbytes(32)
        if move is Move.REMOVAL:
            others = [i for i, _ in public.tree.members() if i != self.group.own_index]
            proposals = (Remove(self._dice.choice(others)),)
        group = self.group
        added: tuple[KeyPackage, ...] = ()
        if move is Move.ADDITION and self.newcomers:
            added = (self.newcomers.popleft(),)
            proposals = (Add(*added),)
        if move is Move.EPOCH and self._before is not None:
            group = self._before
            history = group.vantage.public.interim_transcript_hash
        request = CommitRequest(
            proposals, now=int(self._clock()), authenticated_data=Declaration(history).encode()
        )
        hit: Collection[int] | None = ()
        if move is Move.NOISE:
            hit = None
        elif move is Move.SPLIT:
            everybody = [index for index, _ in public.tree.members()]
            hit = self._dice.sample(everybody, self._dice.randint(0, len(everybody)))
        with sealing_noise_for(hit):
            staged = group.commit(request, public=True)
        welcome = staged.welcome or b""
        if self.lies and self._dice.random() < 0.5:
            welcome = self._dice.randbytes(len(welcome))
        message, after = self._bend(staged.message, move), group.merged(staged)
        people = tuple(read_credential(each.leaf_node.credential).account for each in added)
        return Made(message, after, (), people, welcome)

    def _bend(self, message: bytes, move: Move) -> bytes:
        """The bytes of a commit, of which some may not be what they should."""
        bent = bytearray(message)
        match move:
            case Move.TAG:
                bent[-34] ^= 1
            case Move.MEMBERSHIP_TAG:
                bent[-1] ^= 1
            case Move.BENT:
                bent[self._dice.randrange(len(bent) - 67)] ^= 1
        return bytes(bent)

    def _reenter(self) -> Made:
        assert self.vantage is not None
        public = self.vantage.public
        with sealing_noise_for(None if self.lies and self._dice.random() < 0.3 else ()):
            group, message = Group.join_by_commit(
                Entrance.blind(public, self.engine.random),
                self.engine.client,
                random=self.engine.random,
                policy=self.engine.policy,
                replaces=self.vantage.own_index,
                authenticated_data=Declaration(public.interim_transcript_hash).encode(),
            )
        return Made(message, group)

    def _people(self) -> list[Somebody]:
        assert self.vantage is not None
        leaves = self.vantage.public.tree.members()
        return [read_credential(leaf.credential) for _, leaf in leaves]

    # Following.

    def _read(self) -> None:
        while self._seq + 1 in self._log:
            self._seq += 1
            kind, payload, after = self._log.pop(self._seq)
            if kind is EntryKind.COMMIT:
                self.head = self._seq
                self._follow(payload, after)

    def _follow(self, message: bytes, after: Group | None) -> None:
        if self.vantage is None:
            self._accept()
            return
        followed = count(self.vantage.public, message, self.engine.policy)
        if isinstance(followed, Void):
            return
        own = self.vantage.own_index
        if after is not None:
            place = change(after.vantage, public=followed.after)
            is_whole = after.vantage.public == followed.after
            self.group, self.vantage = (after if is_whole else None), place
            self._remember()
            return
        if own in followed.effects.removed:
            self.group = self.vantage = None
            return
        self._before, place = self.group, self.vantage.after(followed)
        try:
            if self.group is None:
                raise PeerError("outside")  # noqa: TRY301 - the same as when it does not open
            staged = self.group.open(followed)
            self.group = self.group.merged(staged)
        except PeerError:
            self.group = None
        self.vantage = place if self.group is None else self.group.vantage
        self._remember()

    def _accept(self) -> None:
        """Be in the group to which somebody has invited us, if that has happened."""
        for own in self.packages if self._welcome else ():
            try:
                self.group = self.engine.join(self._welcome, own)
            except PeerError:
                continue
            self.vantage = self.group.vantage
            self._remember()
            return

    def _remember(self) -> None:
        """Store all that there is, for later."""
        if self.vantage is not None:
            keys = self.vantage.keys
            self.keys |= {keys.leaf.public, *(key.public for key in keys.parents.values())}
        if self.group is not None and self.group.member_secret is not None:
            self.secrets.append((self.group.vantage, self.group.member_secret))

    # Help.

    def _take_asks(self, message: replies.Asks, payload: bytes) -> None:
        start = 0
        for account, size in zip(message.accounts, message.sizes, strict=True):
            data, start = payload[start : start + size], start + size
            if account == self.account or self.vantage is None or self._dice.random() < 0.3:
                continue
            try:
                asked = UnverifiedAsk.decode(data).verify(self.vantage.public)
            except PeerError:
                continue
            secret = self._dice.randbytes(32) if self.lies or self.group is None else None
            known = None if self.group is None else self.group.member_secret
            if secret is None and known is None:
                continue
            sealed = make_help(self.vantage.public, asked, secret or known, self.engine.random)
            self.ask(ask.Help, sealed, conversation=self.id, account=account)

    def _take_help(self, payload: bytes) -> None:
        if self.vantage is None or self._one_time is None or self.group is not None:
            return
        try:
            secret = Help.decode(payload).open(self.vantage, self._one_time)
            self.group = Group.enter(
                self.vantage, secret, random=self.engine.random, policy=self.engine.policy
            )
        except PeerError:
            return
        self._remember()


@contextmanager
def sealing_noise_for(hit: Collection[int] | None) -> Iterator[None]:
    """Paths whose secrets are noise to the leaves that are ``hit``, or to all where it is None."""
    encrypt = FreshPath.encrypt

    def is_hit(node: Subtree) -> bool:
        if hit is None:
            return True
        return any(node.index == i if isinstance(node, Leaf) else node.covers(i) for i in hit)

    def seal(
        path: FreshPath, context: bytes, newcomers: Collection[int], source: Callable[[int], bytes]
    ) -> UpdatePath:
        made = encrypt(path, context, newcomers, source)
        nodes = []
        for (_, copath), node in zip(path.steps, made.nodes, strict=True):
            recipients = treekem._recipients(copath, newcomers)
            sealed = tuple(
                HPKECiphertext(each.kem_output, bytes(len(each.ciphertext)))
                if is_hit(recipient)
                else each
                for recipient, each in zip(recipients, node.encrypted_path_secret, strict=True)
            )
            nodes.append(UpdatePathNode(node.encryption_key, sealed))
        return UpdatePath(made.leaf_node, tuple(nodes))

    FreshPath.encrypt = seal  # what only somebody dishonest seals
    try:
        yield
    finally:
        FreshPath.encrypt = encrypt  # as it was
