"""The rules of RFC 9420 §12.4 for whoever receives a commit, each broken alone."""

from dataclasses import replace

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError
from geventim.mls.epochs.following import InvalidCommitError
from geventim.mls.epochs.proposal_list import SentProposal
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.ground.capabilities import Capabilities, Lifetime
from geventim.mls.ground.cipher_suite import HPKECiphertext
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import Extension
from geventim.mls.ground.leaf_node import FromCommit, FromKeyPackage, FromUpdate
from geventim.mls.ground.policy import DEFAULT_POLICY, Policy
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.groups.group_state import Status
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import NewMemberCommit, PublicMessage
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    Proposal,
    ProposalRef,
    ReInit,
    Remove,
)
from geventim.mls.schedule.psk import ExternalPsk, PreSharedKeyID, psk_secret
from tests.mls.builder import (
    NOW,
    SUITE,
    OddClient,
    add,
    agree,
    client,
    commit,
    family,
    forge_commit,
    forge_message,
    join_from_outside,
    package,
    random,
    refuses,
    snapshot,
)


@pytest.fixture
def trio() -> list[Group]:
    return family("alice", "bob", "carol")


def commit_in(message: bytes) -> Commit:
    decoded = decode_message(message)
    assert isinstance(decoded, PublicMessage)
    assert isinstance(decoded.content.content, Commit)
    return decoded.content.content


def with_path(group: Group, message: bytes, **fields: object) -> bytes:
    """A commit whose path is another, signed again."""
    inner = commit_in(message)
    assert inner.path is not None
    return forge_message(group, replace(inner, path=replace(inner.path, **fields)))


class TestPath:
    @pytest.mark.parametrize("kind", ["empty", "remove", "extensions"])
    def test_it_must_be_there(self, trio: list[Group], kind: str) -> None:
        proposals = {"empty": [], "remove": [Remove(2)], "extensions": [EXTENSIONS]}[kind]
        bad = forge_commit(trio[0], *proposals, with_path=False)
        refuses(trio[1], bad, "needs a path")

    def test_it_may_be_missing_with_adds_psks_and_reinits(self, trio: list[Group]) -> None:
        commit(trio, 0, Add(package("dave").key_package), force_path=False)
        agree(*trio)
        assert trio[0].epoch == 2

        def source(name: object) -> bytes:
            return b"key"

        psk = PreSharedKey(PreSharedKeyID(ExternalPsk(b"psk"), bytes(32)))
        staged = commit(trio, 1, psk, psks=source, force_path=False)
        assert not staged.effects.has_path
        agree(*trio)

    def test_its_leaf_node_is_made_for_it(self, trio: list[Group]) -> None:
        for source in (FromUpdate(), FromKeyPackage(Lifetime(0, 1))):
            odd = OddClient(trio[0].client, lambda leaf, source=source: {"source": source})
            refuses(trio[1], forge_commit(trio[0], become=odd), "not made for it")

    def test_its_leaf_node_is_signed(self, trio: list[Group]) -> None:
        message = forge_commit(trio[0])
        path = commit_in(message).path
        assert path is not None
        leaf = replace(path.leaf_node, signature=bytes(64))
        refuses(trio[1], with_path(trio[0], message, leaf_node=leaf), "authentication")

    def test_its_encryption_key_is_new(self, trio: list[Group]) -> None:
        key = trio[0].member(0).encryption_key
        odd = OddClient(trio[0].client, lambda leaf: {"encryption_key": key})
        refuses(trio[1], forge_commit(trio[0], become=odd), "keeps its encryption key")

    def test_its_encryption_key_is_nobody_elses(self, trio: list[Group]) -> None:
        key = trio[0].member(1).encryption_key
        odd = OddClient(trio[0].client, lambda leaf: {"encryption_key": key})
        refuses(trio[1], forge_commit(trio[0], become=odd), "that is in the tree")

    def test_its_encryption_key_can_be_sealed_to(self, trio: list[Group]) -> None:
        for key in (bytes(32), b"short"):
            odd = OddClient(trio[0].client, lambda leaf, key=key: {"encryption_key": key})
            refuses(trio[1], forge_commit(trio[0], become=odd), "a public key of")

    def test_its_signature_key_is_nobody_elses(self, trio: list[Group]) -> None:
        thief = replace(trio[0].client, signing_key=trio[1].client.signing_key)
        refuses(trio[1], forge_commit(trio[0], become=thief), "one signature key")

    def test_its_credential_may_follow_the_old_one(self, trio: list[Group]) -> None:
        other = replace(trio[0].client, credential=BasicCredential(b"bob"))
        refuses(trio[1], forge_commit(trio[0], become=other), "authentication")

    def test_its_extensions_are_supported_by_its_client(self, trio: list[Group]) -> None:
        odd = OddClient(trio[0].client, lambda leaf: {"extensions": (Extension(0xF001, b""),)})
        refuses(trio[1], forge_commit(trio[0], become=odd), "does not support")

    def test_its_client_supports_the_credentials_in_use(self, trio: list[Group]) -> None:
        odd = OddClient(
            trio[0].client, lambda leaf: {"capabilities": Capabilities(credentials=(2,))}
        )
        refuses(trio[1], forge_commit(trio[0], become=odd), "does not support")

    def test_none_of_its_keys_is_in_the_tree(self, trio: list[Group]) -> None:
        message = forge_commit(trio[0])
        path = commit_in(message).path
        assert path is not None
        known = trio[0].member(1).encryption_key
        nodes = (*path.nodes[:-1], replace(path.nodes[-1], encryption_key=known))
        refuses(trio[1], with_path(trio[0], message, nodes=nodes), "that is in the tree")

    def test_no_key_is_in_it_twice(self) -> None:
        groups = family("a", "b", "c", "d")
        message = forge_commit(groups[0])
        path = commit_in(message).path
        assert path is not None
        first, second = path.nodes
        nodes = (first, replace(second, encryption_key=first.encryption_key))
        # The parent hash tells first; that the census would too is its own test.
        refuses(groups[1], with_path(groups[0], message, nodes=nodes), "vouch|one encryption")

    def test_it_has_one_node_for_each_parent(self, trio: list[Group]) -> None:
        message = forge_commit(trio[0])
        path = commit_in(message).path
        assert path is not None
        for nodes in (path.nodes[:-1], (*path.nodes, path.nodes[0])):
            refuses(trio[1], with_path(trio[0], message, nodes=nodes), "wrong length")

    def test_its_leaf_vouches_for_its_nodes(self, trio: list[Group]) -> None:
        odd = OddClient(trio[0].client, lambda leaf: {"source": FromCommit(bytes(32))})
        refuses(trio[1], forge_commit(trio[0], become=odd), "vouch")

    def test_it_has_one_secret_for_each_recipient(self, trio: list[Group]) -> None:
        message = forge_commit(trio[0])
        path = commit_in(message).path
        assert path is not None
        first = path.nodes[0]
        for secrets in ((), first.encrypted_path_secret * 2):
            nodes = (replace(first, encrypted_path_secret=secrets), *path.nodes[1:])
            for receiver in trio[1:]:
                bad = with_path(trio[0], message, nodes=nodes)
                refuses(receiver, bad, "wrong number")

    def test_its_secrets_open(self, trio: list[Group]) -> None:
        message = forge_commit(trio[0])
        path = commit_in(message).path
        assert path is not None
        nodes = tuple(
            replace(
                node,
                encrypted_path_secret=tuple(
                    HPKECiphertext(sealed.kem_output, bytes(len(sealed.ciphertext)))
                    for sealed in node.encrypted_path_secret
                ),
            )
            for node in path.nodes
        )
        refuses(trio[1], with_path(trio[0], message, nodes=nodes), "authentication")

    def test_its_secrets_give_its_keys(self) -> None:
        """The keys are in a valid tree, but the secrets that arrive are of another path."""
        groups = family("a", "b", "c", "d")
        other = commit_in(forge_commit(groups[0])).path
        message = forge_commit(groups[0])
        path = commit_in(message).path
        assert path is not None
        assert other is not None
        nodes = tuple(
            replace(mine, encrypted_path_secret=theirs.encrypted_path_secret)
            for mine, theirs in zip(path.nodes, other.nodes, strict=True)
        )
        refuses(groups[3], with_path(groups[0], message, nodes=nodes), "authentication")


class TestCommit:
    def test_a_wrong_confirmation_tag_is_refused(self, trio: list[Group]) -> None:
        decoded = decode_message(forge_commit(trio[0]))
        assert isinstance(decoded, PublicMessage)
        bad = forge_message(trio[0], decoded.content.content, tag=bytes(32))
        refuses(trio[1], bad, "authentication")

    def test_another_epoch_is_refused(self, trio: list[Group]) -> None:
        message = forge_commit(trio[0])
        commit(trio[1:], 0)
        refuses(trio[1], message, "another epoch")

    def test_the_last_epoch_is_the_last(self, trio: list[Group]) -> None:
        for group in trio[:2]:
            context = replace(group.state.epoch.context, epoch=(1 << 64) - 1)
            public = replace(group.state.epoch.public, context=context)
            group._state = replace(group.state, epoch=replace(group.state.epoch, public=public))
        bad = forge_message(trio[0], Commit((), None))
        refuses(trio[1], bad, "after the last")
        with pytest.raises(MisuseError, match="after the last"):
            trio[1].commit(CommitRequest([], NOW))

    def test_an_unknown_reference_is_refused(self, trio: list[Group]) -> None:
        sent = SentProposal(Remove(2), None)
        bad = forge_commit(trio[0], (ProposalRef(bytes(32)), sent))
        refuses(trio[1], bad, "did not receive")

    def test_a_psk_counts_as_much_as_the_path(self, trio: list[Group]) -> None:
        identity = PreSharedKeyID(ExternalPsk(b"psk"), bytes(32))
        message = forge_commit(
            trio[0], PreSharedKey(identity), psk_secret=psk_secret(SUITE, [(identity, b"key")])
        )
        refuses(trio[1], message, "authentication", lambda _: b"another key")
        assert isinstance(trio[1].receive(message, lambda _: b"key"), StagedCommit)

    def test_two_leaves_with_one_key_are_refused(self, trio: list[Group]) -> None:
        key = trio[0].state.epoch.keys.leaf
        own = package("dave")
        stolen = replace(own.key_package.leaf_node, encryption_key=key.public)
        signature = SUITE.sign_with_label(
            own.client.signing_key, "LeafNodeTBS", stolen.content(b"", 0)
        )
        stolen = replace(stolen, signature=signature)
        stolen_package = replace(own.key_package, leaf_node=stolen)
        signature = SUITE.sign_with_label(
            own.client.signing_key, "KeyPackageTBS", stolen_package.content()
        )
        bad = replace(stolen_package, signature=signature)
        # Bob's key, so that the committer's own new leaf does not hide it.
        assert bad.leaf_node.encryption_key == trio[0].member(0).encryption_key
        refuses(trio[2], forge_commit(trio[1], Add(bad)), "one encryption key")


class TestRemoved:
    def test_who_is_removed_learns_it_and_is_out(self, trio: list[Group]) -> None:
        staged = trio[0].commit(commit_request(Remove(2)))
        seen = trio[2].receive(staged.message)
        assert seen.removes_us
        assert seen.effects.removed.keys() == {2}
        trio[2].merge(seen)
        assert trio[2].status is Status.REMOVED
        for action in (lambda: trio[2].send(b""), lambda: trio[2].epoch_authenticator):
            with pytest.raises(Exception, match="removed"):
                action()
        refuses(trio[2], forge_commit(trio[0]), "closed")

    def test_it_learns_it_even_without_a_psk(self, trio: list[Group]) -> None:
        psk = PreSharedKey(PreSharedKeyID(ExternalPsk(b"psk"), bytes(32)))
        staged = trio[0].commit(commit_request(Remove(2), psk), lambda _: b"key")
        refuses(trio[1], staged.message, "do not have")
        assert trio[2].receive(staged.message).removes_us

    def test_late_messages_still_open(self, trio: list[Group]) -> None:
        late = trio[0].send(b"late")
        trio[2].merge(trio[2].receive(trio[0].commit(commit_request(Remove(2))).message))
        assert trio[2].receive(late).data == b"late"

    def test_nothing_opens_where_no_epoch_is_kept(self) -> None:
        policy = Policy(past_epochs=0)
        duo = family("alice", "bob", policy=policy)
        late = duo[0].send(b"late")
        duo[1].merge(duo[1].receive(duo[0].commit(commit_request(Remove(1))).message))
        refuses(duo[1], late, "do not know")


class TestReInit:
    def test_the_group_is_closed(self, trio: list[Group]) -> None:
        wanted = ReInit(b"next", 1, 1, ())
        commit(trio, 0, wanted)
        for group in trio:
            assert group.status is Status.CLOSED
            assert group.reinit == wanted
            with pytest.raises(Exception, match="closed"):
                group.send(b"")
        refuses(trio[1], forge_commit(trio[0]), "closed")


class TestExternal:
    def test_a_resync_keeps_the_identity(self, trio: list[Group]) -> None:
        """The one who lost its state comes back under its own name only."""
        again = replace(trio[2].client, signing_key=SigningKey(random(32)))
        message = join_from_outside(trio[:2], again, replaces=2)
        assert b"carol" in message
        other = client("mallory")
        with pytest.raises(MisuseError, match="somebody else"):
            join_from_outside(trio[:2], other, replaces=1)
        liberal = Policy(accept_successor=lambda old, new: True)
        with pytest.raises(InvalidCommitError, match="authentication"):
            join_from_outside(trio[:2], other, policy=liberal, replaces=1)

    def test_a_resync_changes_the_encryption_key(self, trio: list[Group]) -> None:
        owner, old = trio[2].client, trio[2].member(2)
        again = OddClient(owner, lambda leaf: {"encryption_key": old.encryption_key})
        entrance = Entrance.read(trio[0].group_info(), DEFAULT_POLICY)
        _, message = Group.join_by_commit(entrance, again, random=random, replaces=2)
        refuses(trio[1], message, "keeps its encryption key")

    def test_proposals_by_reference_are_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], external(trio, ProposalRef(bytes(32))), "refers to a proposal")

    def test_it_needs_an_external_init(self, trio: list[Group]) -> None:
        refuses(trio[1], external(trio), "one way in")

    def test_a_bad_kem_output_is_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], external(trio, ExternalInit(bytes(32))), "authentication")


def test_a_refused_commit_changes_nothing_and_a_good_one_only_when_merged(
    trio: list[Group],
) -> None:
    before = snapshot(trio[1]), snapshot(trio[0])
    staged = trio[0].commit(commit_request(Remove(2)))
    trio[1].receive(staged.message)
    assert (snapshot(trio[1]), snapshot(trio[0])) == before


def test_an_update_of_a_leaf_after_many_adds_and_removes(trio: list[Group]) -> None:
    add(trio, "dave", "erin", "frank")
    commit([trio[i] for i in (0, 2, 3, 5)], 1, Remove(1), Remove(4))
    rest = [trio[i] for i in (0, 2, 3, 5)]
    for index in range(len(rest)):
        commit(rest, index)
        agree(*rest)


def commit_request(*proposals: Proposal) -> CommitRequest:
    return CommitRequest(proposals, NOW)


def external(trio: list[Group], *entries: object) -> bytes:
    """An external commit with odd proposals, with a good signature."""
    owner = client("dave")
    copy = [Group(group.state.fork(), random) for group in trio]
    message = join_from_outside(copy, owner)
    inner = commit_in(message)
    return forge_message(
        trio[0], replace(inner, proposals=entries), NewMemberCommit(), owner.signing_key
    )


EXTENSIONS = GroupContextExtensions(())
