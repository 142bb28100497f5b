from dataclasses import replace

import pytest

from geventim.errors import AuthenticationError, MisuseError, PeerError
from geventim.mls.epochs.epoch import PublicState
from geventim.mls.epochs.following import Followed, InvalidCommitError, Part, PublicCommit, follow
from geventim.mls.epochs.staged_commit import Effects, StagedCommit
from geventim.mls.ground.cipher_suite import HPKECiphertext
from geventim.mls.ground.policy import DEFAULT_POLICY, Policy
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.groups.external_join import Entrance
from geventim.mls.groups.group import Group
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import NewMemberCommit, PublicMessage
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import Add, PreSharedKey, Proposal, ProposalRef, Remove
from geventim.mls.schedule.psk import ExternalPsk, psk_id
from tests.mls.builder import (
    NOW,
    OddClient,
    agree,
    client,
    commit,
    edit_public,
    family,
    forge_commit,
    forge_message,
    noise,
    package,
    random,
    snapshot,
    with_tag,
)


@pytest.fixture
def trio() -> list[Group]:
    return family("alice", "bob", "carol")


def made(group: Group, *proposals: Proposal, **fields: object) -> StagedCommit:
    """A public commit, not merged."""
    return group.commit(CommitRequest(proposals, NOW, **fields), public=True)


def refused(group: Group, data: bytes, policy: Policy = DEFAULT_POLICY) -> Part:
    """The part of ``data`` for which it is not followed from the state of ``group``."""
    before = snapshot(group)
    with pytest.raises(InvalidCommitError) as raised:
        follow(group.vantage.public, data, policy)
    assert snapshot(group) == before
    return raised.value.part


class TestFollow:
    @pytest.mark.parametrize("kind", ["empty", "add", "remove", "pathless"])
    def test_it_leads_where_a_member_gets_to(self, trio: list[Group], kind: str) -> None:
        proposals = {"empty": [], "remove": [Remove(2)]}.get(kind)
        if proposals is None:
            proposals = [Add(package("dave").key_package)]
        staged = made(trio[0], *proposals, force_path=kind != "pathless")
        followed = follow(trio[1].vantage.public, staged.message, DEFAULT_POLICY)
        assert staged.after is not None
        expected = staged.after.epoch.public
        assert followed.after.context == expected.context
        assert followed.after.interim_transcript_hash == expected.interim_transcript_hash
        assert followed.after.tree.encode() == expected.tree.encode()
        assert followed.effects == staged.effects
        assert followed.before is trio[1].state.epoch.public

    def test_somebody_from_outside_is_followed(self, trio: list[Group]) -> None:
        entrance = Entrance.read(trio[0].group_info(), DEFAULT_POLICY)
        joined, message = Group.join_by_commit(entrance, client("dave"), random=random)
        followed = follow(trio[1].vantage.public, message, DEFAULT_POLICY)
        assert followed.after.context == joined.vantage.public.context
        assert followed.effects.external
        assert followed.effects.added.keys() == {3}

    def test_an_onlooker_comes_to_the_same_state_commit_by_commit(self, trio: list[Group]) -> None:
        public = Entrance.read(trio[0].group_info(), DEFAULT_POLICY).public
        for author in (1, 0, 2, 1):
            staged = commit(trio, author, public=True)
            public = follow(public, staged.message, DEFAULT_POLICY).after
        seen = trio[0].vantage.public
        assert public.context == seen.context
        assert public.interim_transcript_hash == seen.interim_transcript_hash

    def test_it_needs_no_secret_to_open(self, trio: list[Group]) -> None:
        """What nobody can open, and what proves nothing to us, is followed all the same."""
        with noise(1, 2):
            staged = made(trio[0])
        for message in (staged.message, with_tag(staged.message, bytes(32))):
            follow(trio[1].vantage.public, message, DEFAULT_POLICY)
            with pytest.raises(AuthenticationError):
                trio[1].open(follow(trio[1].vantage.public, message, DEFAULT_POLICY))
        wrong = edit_public(trio[0], staged.message, membership_tag=bytes(32))
        right = follow(trio[1].vantage.public, staged.message, DEFAULT_POLICY)
        assert follow(trio[1].vantage.public, wrong, DEFAULT_POLICY).after.context == (
            right.after.context
        )

    def test_the_confirmation_tag_is_part_of_the_history(self, trio: list[Group]) -> None:
        staged = made(trio[0])
        one, other = (
            follow(trio[1].vantage.public, message, DEFAULT_POLICY).after
            for message in (staged.message, with_tag(staged.message, bytes(32)))
        )
        assert one.context == other.context
        assert one.interim_transcript_hash != other.interim_transcript_hash

    def test_the_application_may_refuse_it_knowing_what_everybody_knows(
        self, trio: list[Group]
    ) -> None:
        seen: list[tuple[PublicState, Effects]] = []

        def check(before: PublicState, effects: Effects) -> None:
            seen.append((before, effects))
            raise PeerError("not here")

        staged = made(trio[0], Remove(2), authenticated_data=b"why")
        with pytest.raises(PeerError, match="not here"):
            follow(trio[1].vantage.public, staged.message, DEFAULT_POLICY, check)
        assert seen == [(trio[1].vantage.public, staged.effects)]
        assert seen[0][1].authenticated_data == b"why"


class TestParts:
    def test_form(self, trio: list[Group]) -> None:
        staged = made(trio[0])
        sealed = trio[0].commit(CommitRequest([], NOW)).message
        proposal = trio[0].propose(Remove(2), now=NOW, public=True)
        for data in (b"", staged.message[:-1], staged.message + b"\0", sealed, proposal):
            assert refused(trio[1], data) is Part.FORM
        assert refused(trio[1], trio[0].group_info()) is Part.FORM

    def test_group(self, trio: list[Group]) -> None:
        message = forge_message(trio[0], Commit((), None), group_id=b"other")
        assert refused(trio[1], message) is Part.GROUP

    def test_epoch(self, trio: list[Group]) -> None:
        message = made(trio[0]).message
        commit(trio, 1, public=True)
        assert refused(trio[1], message) is Part.EPOCH

    def test_the_last_epoch(self, trio: list[Group]) -> None:
        context = replace(trio[0].state.epoch.context, epoch=(1 << 64) - 1)
        public = replace(trio[0].state.epoch.public, context=context)
        trio[0]._state = replace(trio[0].state, epoch=replace(trio[0].state.epoch, public=public))
        message = forge_message(trio[0], Commit((), None))
        assert refused(trio[0], message) is Part.EPOCH

    def test_signature(self, trio: list[Group]) -> None:
        staged = made(trio[0])
        decoded = decode_message(staged.message)
        assert isinstance(decoded, PublicMessage)
        unsigned = encode_message(replace(decoded, auth=replace(decoded.auth, signature=bytes(64))))
        nobody = forge_message(trio[0], Commit((), None), NewMemberCommit())
        stolen = forge_message(trio[0], decoded.content.content, key=trio[2].client.signing_key)
        for data in (unsigned, nobody, stolen):
            assert refused(trio[1], data) is Part.SIGNATURE

    def test_tag(self, trio: list[Group]) -> None:
        message = made(trio[0]).message
        for tag in (b"", bytes(31), bytes(33)):
            assert refused(trio[1], with_tag(message, tag)) is Part.TAG

    def test_reference(self, trio: list[Group]) -> None:
        """Even a proposal that we have: not everybody who follows got it."""
        trio[1].receive(trio[0].propose(Remove(2), now=NOW, public=True))
        staged = trio[0].commit(CommitRequest([], NOW), public=True)
        assert refused(trio[1], staged.message) is Part.REFERENCE
        assert isinstance(trio[1].receive(staged.message), StagedCommit)

    def test_a_newcomer_refers_to_nothing(self, trio: list[Group]) -> None:
        owner = client("dave")
        entrance = Entrance.read(trio[0].group_info(), DEFAULT_POLICY)
        _, message = Group.join_by_commit(entrance, owner, random=random)
        decoded = decode_message(message)
        assert isinstance(decoded, PublicMessage)
        inner = replace(decoded.content.content, proposals=(ProposalRef(bytes(32)),))
        bad = forge_message(trio[0], inner, NewMemberCommit(), owner.signing_key)
        assert refused(trio[1], bad) is Part.REFERENCE

    def test_proposals(self, trio: list[Group]) -> None:
        for proposal in (Remove(0), Remove(9)):
            bad = forge_message(trio[0], Commit((proposal,), None))
            assert refused(trio[1], bad) is Part.PROPOSALS
        assert refused(trio[1], forge_commit(trio[0], with_path=False)) is Part.PROPOSALS

    def test_leaf(self, trio: list[Group]) -> None:
        key = trio[0].member(0).encryption_key
        odd = OddClient(trio[0].client, lambda leaf: {"encryption_key": key})
        assert refused(trio[1], forge_commit(trio[0], become=odd)) is Part.LEAF
        size = len(trio[0].member(0).encode())
        message = made(trio[0]).message
        assert refused(trio[1], message, Policy(max_leaf_size=size - 1)) is Part.LEAF
        follow(trio[1].vantage.public, message, Policy(max_leaf_size=2 * size))

    def test_path(self, trio: list[Group]) -> None:
        decoded = decode_message(forge_commit(trio[0]))
        assert isinstance(decoded, PublicMessage)
        inner = decoded.content.content
        assert isinstance(inner, Commit)
        assert inner.path is not None
        first, *others = inner.path.nodes
        small = replace(first, encryption_key=bytes(32))
        none = replace(first, encrypted_path_secret=())
        twice = replace(first, encrypted_path_secret=2 * first.encrypted_path_secret)
        for nodes in ((), (small, *others), (none, *others), (twice, *others)):
            bad = replace(inner, path=replace(inner.path, nodes=nodes))
            assert refused(trio[1], forge_message(trio[0], bad)) is Part.PATH

    def test_members(self, trio: list[Group]) -> None:
        thief = replace(trio[0].client, signing_key=trio[1].client.signing_key)
        liberal = Policy(accept_successor=lambda old, new: True)
        assert refused(trio[1], forge_commit(trio[0], become=thief), liberal) is Part.MEMBERS


class TestState:
    def test_one_context_and_one_history_are_one_state(self, trio: list[Group]) -> None:
        public = trio[0].vantage.public
        assert public == Entrance.read(trio[1].group_info(), DEFAULT_POLICY).public
        assert public != replace(public, interim_transcript_hash=bytes(32))
        assert public != replace(public, context=replace(public.context, tree_hash=bytes(32)))


class TestOpen:
    def test_it_gives_what_receiving_gives(self, trio: list[Group]) -> None:
        message = made(trio[0], Remove(2)).message
        followed = follow(trio[1].vantage.public, message, DEFAULT_POLICY)
        opened, received = trio[1].open(followed), trio[1].receive(message)
        assert isinstance(received, StagedCommit)
        assert opened.effects == received.effects
        assert opened.after is not None
        assert received.after is not None
        assert opened.after.epoch.secrets == received.after.epoch.secrets
        assert opened.after.epoch.public == followed.after
        trio[1].merge(opened)
        assert trio[1].member_secret is not None

    def test_its_psks_are_looked_up(self, trio: list[Group]) -> None:
        psk = PreSharedKey(psk_id(ExternalPsk(b"psk"), random))
        request = CommitRequest([psk], NOW)
        message = trio[0].commit(request, lambda _: b"key", public=True).message
        followed = follow(trio[1].vantage.public, message, DEFAULT_POLICY)
        with pytest.raises(PeerError, match="do not have"):
            trio[1].open(followed)
        with pytest.raises(AuthenticationError):
            trio[1].open(followed, lambda _: b"another")
        assert trio[1].open(followed, lambda _: b"key").after is not None

    def test_it_is_one_to_our_epoch(self, trio: list[Group]) -> None:
        followed = follow(trio[1].vantage.public, made(trio[0]).message, DEFAULT_POLICY)
        commit(trio, 2, public=True)
        with pytest.raises(MisuseError, match="another epoch"):
            trio[1].open(followed)

    def test_it_is_not_opened_after_another_history(self, trio: list[Group]) -> None:
        """The same context, but with another confirmation tag before it."""
        public = replace(trio[1].vantage.public, interim_transcript_hash=bytes(32))
        followed = follow(public, made(trio[0]).message, DEFAULT_POLICY)
        with pytest.raises(MisuseError, match="another epoch"):
            trio[1].open(followed)

    def test_who_is_removed_learns_it(self, trio: list[Group]) -> None:
        followed = follow(trio[2].vantage.public, made(trio[0], Remove(2)).message, DEFAULT_POLICY)
        trio[2].merge(trio[2].open(followed))
        assert trio[2].status.name == "REMOVED"
        for private in (lambda: trio[2].member_secret, lambda: trio[2].open(followed)):
            with pytest.raises(MisuseError, match="removed"):
                private()

    @pytest.mark.parametrize("kem_output", [None, b"", bytes(32), bytes(33)])
    @pytest.mark.parametrize("ciphertext", [b"", bytes(15), bytes(48)])
    def test_noise_of_any_size_keeps_out_and_harms_nobody(
        self, trio: list[Group], kem_output: bytes | None, ciphertext: bytes
    ) -> None:
        decoded = decode_message(made(trio[0]).message)
        assert isinstance(decoded, PublicMessage)
        inner = decoded.content.content
        assert isinstance(inner, Commit)
        assert inner.path is not None
        nodes = tuple(
            replace(
                node,
                encrypted_path_secret=tuple(
                    HPKECiphertext(
                        sealed.kem_output if kem_output is None else kem_output, ciphertext
                    )
                    for sealed in node.encrypted_path_secret
                ),
            )
            for node in inner.path.nodes
        )
        data = forge_message(trio[0], replace(inner, path=replace(inner.path, nodes=nodes)))
        followed = follow(trio[1].vantage.public, data, DEFAULT_POLICY)
        with pytest.raises(AuthenticationError):
            trio[1].open(followed)
        assert trio[1].vantage.after(followed).lacking() is not None

    def test_who_could_not_open_is_helped(self, trio: list[Group]) -> None:
        with noise(1):
            staged = made(trio[0])
        trio[2].merge(trio[2].open(follow(trio[2].vantage.public, staged.message, DEFAULT_POLICY)))
        trio[0].merge(staged)
        vantage = trio[1].vantage.after(
            follow(trio[1].vantage.public, staged.message, DEFAULT_POLICY)
        )
        for helper in (trio[0], trio[2]):
            secret = helper.member_secret
            assert secret is not None
            agree(Group.enter(vantage, secret, random=random), *trio[::2])


def test_what_it_says_before_it_is_verified(trio: list[Group]) -> None:
    message = PublicCommit.read(made(trio[0], authenticated_data=b"data").message)
    assert (message.group_id, message.epoch, message.authenticated_data) == (b"group", 1, b"data")
    assert message.proposals == ()


def test_the_commit_is_at_hand(trio: list[Group]) -> None:
    followed = follow(trio[1].vantage.public, made(trio[0]).message, DEFAULT_POLICY)
    assert isinstance(followed, Followed)
    assert followed.commit.path is not None
