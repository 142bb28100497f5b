"""Whether a commit counts: one function of public bytes, the same for all who follow a group.

No secret, clock, word of the server or table of Unicode is asked. What does not count is void: it
changes nothing but the number of the head.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final

from geventim.chat.limits import GROUP_LEAVES
from geventim.chat.values import Kind
from geventim.client.people.credentials import read_credential
from geventim.client.sealing.charter import Charter, check_name, check_pair, check_rest, psk_name
from geventim.client.sealing.declaration import Declaration, gate_claim
from geventim.client.sealing.departures import verify_departure
from geventim.crypto.signature import verify
from geventim.errors import PeerError, StoreError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.epochs.following import Followed, InvalidCommitError, PublicCommit
from geventim.mls.epochs.staged_commit import Effects
from geventim.mls.ground.policy import Policy
from geventim.mls.messages.proposals import Add

LAST_EPOCH: Final = (1 << 63) - 1
"""No commit leads beyond it."""


class Reason(Enum):
    """The rule that a void commit breaks; the first nine are those of RFC 9420."""

    FORM = "not a public message with a commit in its one encoding"
    GROUP = "for another group"
    EPOCH = "for another epoch"
    SIGNATURE = "not signed by who is said to have sent it"
    TAG = "a confirmation tag that has not 32 bytes"
    PROPOSALS = "proposals that may not be, or not together, or not without a path"
    LEAF = "a new leaf that may not be: its size, its keys, its credential, its signature"
    PATH = "a path whose keys, parent hashes or number of secrets are wrong"
    MEMBERS = "members that do not fit together: a key twice, something that one does not support"
    REFERENCE = "a proposal that is not there by value"
    LAST_EPOCH = "an epoch beyond the last, 2^63-1"
    NO_PATH = "no path, though it is not the first commit"
    REINIT = "closes the group"
    DECLARATION = "authenticated data in another form"
    OTHER_HISTORY = "its author knows another history"
    CHARTER = (
        "another charter, which stays but for the gate of a keyed room and the name of a group"
    )
    NAME = "another name of a group, and not signed and sent by its founder"
    PSKS = "other PSKs than the one of the gate, with which a newcomer enters a keyed room"
    GATE = "a gate's signature that is missing, wrong, or not called for"
    ADD = "adds somebody to a room"
    FULL = "more members than there may be"
    PAIR = "a third person between two"
    NEWCOMER = "somebody lets themselves in, though it is not a room"
    REMOVAL = "removes who has neither left nor been kicked, not being a group's founder"
    DEPARTURE = "a departure that is not true, or is for no Remove of its own"
    UNFORESEEN = "anything else that keeps it from being read"


@dataclass(frozen=True, slots=True)
class Void:
    """A commit that does not count."""

    reason: Reason


def count(public: PublicState, data: bytes, policy: Policy) -> Followed | Void:
    """What the commit in ``data`` makes of ``public``, a group with a charter.

    ``policy`` is the same for all members. Raises nothing but :class:`MemoryError` and
    :class:`StoreError`.
    """
    try:
        commit = PublicCommit.read(data)
        charter = Charter.read(public.context.extensions)
        _check_additions(charter, commit)
        return commit.follow(public, policy, partial(_check, charter, policy))
    except _BrokenRuleError as broken:
        return Void(broken.reason)
    except InvalidCommitError as invalid:
        return Void(Reason[invalid.part.name])
    except (MemoryError, StoreError):
        raise
    # Nobody may be kept from going on by what others send.
    except Exception:
        return Void(Reason.UNFORESEEN)


class _BrokenRuleError(PeerError):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@contextmanager
def _rule(reason: Reason) -> Iterator[None]:
    """Let what is refused within be refused for that reason."""
    try:
        yield
    except _BrokenRuleError:
        raise
    except PeerError as error:
        raise _BrokenRuleError(reason) from error


def _require(reason: Reason, kept: bool) -> None:
    if not kept:
        raise _BrokenRuleError(reason)


def _check_additions(charter: Charter, commit: PublicCommit) -> None:
    """Look at how many a commit adds before the signatures of each of them are verified."""
    additions = sum(isinstance(proposal, Add) for proposal in commit.proposals)
    _require(Reason.ADD, charter.kind is not Kind.ROOM or not additions)
    _require(Reason.FULL, additions <= GROUP_LEAVES)


def _check(charter: Charter, policy: Policy, before: PublicState, effects: Effects) -> None:
    """Raise :class:`_BrokenRuleError` unless a commit that MLS allows keeps our rules too."""
    with _rule(Reason.DECLARATION):
        declaration = Declaration.read(effects.authenticated_data)
    _require(Reason.OTHER_HISTORY, declaration.history == before.interim_transcript_hash)
    _require(Reason.LAST_EPOCH, before.context.epoch < LAST_EPOCH)
    _require(Reason.NO_PATH, effects.has_path or before.context.epoch == 0)
    _require(Reason.REINIT, effects.reinit is None)
    _check_charter(charter, before, effects)
    _check_entrance(charter, declaration, effects)
    _check_members(charter, policy, before, effects)
    _check_removals(charter, declaration, before, effects)


def _check_charter(charter: Charter, before: PublicState, effects: Effects) -> None:
    if effects.extensions is None:
        return
    with _rule(Reason.CHARTER):
        after = Charter.read(effects.extensions)
    committer = before.tree.member(effects.committer)
    if charter.kind is Kind.GROUP:
        with _rule(Reason.NAME):
            charter = check_name(charter, after, before.context.group_id, committer)
    with _rule(Reason.CHARTER):
        check_rest(charter, after)


def _check_entrance(charter: Charter, declaration: Declaration, effects: Effects) -> None:
    """Who gets in without a place shows the key of a keyed room; nobody else has to.

    Who has a place and cannot tell whether the state that it was given is right does so too: then
    nobody can read along who has made up that state without knowing the key.
    """
    shown = not effects.removed or bool(declaration.gate_signature)
    guarded = bool(charter.gate) and effects.external and shown
    names = [psk.name for psk in effects.psks]
    _require(Reason.PSKS, names == ([psk_name(charter.gate)] if guarded else []))
    if guarded:
        claim = gate_claim(declaration.history, effects.added[effects.committer])
        with _rule(Reason.GATE):
            verify(charter.gate, claim, declaration.gate_signature)
    else:
        _require(Reason.GATE, not declaration.gate_signature)


def _check_members(charter: Charter, policy: Policy, before: PublicState, effects: Effects) -> None:
    kind = charter.kind
    _require(Reason.NEWCOMER, kind is Kind.ROOM or not effects.external or bool(effects.removed))
    most = policy.max_leaves
    if kind is Kind.GROUP:
        most = min(most, GROUP_LEAVES)
    members = before.tree.census.members + len(effects.added) - len(effects.removed)
    _require(Reason.FULL, members <= most)
    if kind is Kind.DM:
        leaves = [leaf for _, leaf in before.tree.members()]
        with _rule(Reason.PAIR):
            check_pair(before.context.group_id, [*leaves, *effects.added.values()])


def _check_removals(
    charter: Charter, declaration: Declaration, before: PublicState, effects: Effects
) -> None:
    departures = {(each.account, each.leaf): each for each in declaration.departures}
    _require(Reason.DEPARTURE, len(departures) == len(declaration.departures))
    if effects.external:
        # What it removes has the credential of its author, and so the key: that is in the policy.
        _require(Reason.DEPARTURE, not departures)
        return
    _require(Reason.REMOVAL, charter.kind is not Kind.DM or not effects.removed)
    committer = before.tree.member(effects.committer)
    by_founder = charter.kind is Kind.GROUP and committer.signature_key == charter.identity
    for leaf in effects.removed.values():
        account = read_credential(leaf.credential).account
        departure = departures.pop((account, leaf.encryption_key), None)
        _require(Reason.REMOVAL, departure is not None or by_founder)
        if departure is not None:
            with _rule(Reason.DEPARTURE):
                group_id, history = before.context.group_id, before.interim_transcript_hash
                verify_departure(departure, leaf, charter, group_id, history)
    _require(Reason.DEPARTURE, not departures)
