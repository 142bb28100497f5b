"""The rules of RFC 9420 §12.1, §12.2 and §12.3, each broken alone."""

from dataclasses import replace

import pytest

from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError
from geventim.mls.epochs.proposal_list import (
    ProposalList,
    SentProposal,
    check_external_list,
    verify_proposal,
)
from geventim.mls.ground.capabilities import Capabilities, Lifetime
from geventim.mls.ground.cipher_suite import AES_128_GCM
from geventim.mls.ground.credentials import BasicCredential
from geventim.mls.ground.extensions import Extension, RequiredCapabilities
from geventim.mls.ground.leaf_node import Client, FromKeyPackage, FromUpdate
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group import Group
from geventim.mls.groups.received import ReceivedProposal
from geventim.mls.messages.framing import External, Member
from geventim.mls.messages.key_package import KeyPackage
from geventim.mls.messages.proposals import (
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ProposalRef,
    ReInit,
    Remove,
    Update,
)
from geventim.mls.schedule.psk import BRANCH, REINIT, ExternalPsk, PreSharedKeyID, ResumptionPsk
from tests.mls.builder import (
    NOW,
    SUITE,
    add,
    agree,
    client,
    commit,
    create,
    family,
    forge_commit,
    forge_message,
    package,
    random,
    refuses,
    signed_leaf,
    supporting,
)


@pytest.fixture
def trio() -> list[Group]:
    return family("alice", "bob", "carol")


def signed_package(own: KeyPackage, key: SigningKey, **fields: object) -> KeyPackage:
    changed = replace(own, **fields)
    signature = SUITE.sign_with_label(key, "KeyPackageTBS", changed.content())
    return replace(changed, signature=signature)


def update_of(group: Group, **fields: object) -> Update:
    """A valid Update of a member, but for ``fields``."""
    leaf = group.client.leaf_node(
        SUITE, SUITE.generate_key_pair(random).public, FromUpdate(), group.group_id,
        group.own_index,
    )  # fmt: skip
    return Update(signed_leaf(group.client, group.own_index, leaf, **fields))


def psk(nonce: bytes = bytes(32)) -> PreSharedKey:
    return PreSharedKey(PreSharedKeyID(ExternalPsk(b"psk"), nonce))


def reinit(version: int = 1) -> ReInit:
    return ReInit(b"next", version, SUITE.number, ())


class TestAdd:
    def test_a_key_package_of_another_version_is_refused(self, trio: list[Group]) -> None:
        own = package("dave")
        bad = signed_package(own.key_package, own.client.signing_key, version=2)
        refuses(trio[1], forge_commit(trio[0], Add(bad)), "another kind of group")

    def test_a_key_package_of_another_suite_is_refused(self, trio: list[Group]) -> None:
        other = package("dave", AES_128_GCM).key_package
        refuses(trio[1], forge_commit(trio[0], Add(other)), "another kind of group")

    def test_a_key_package_with_a_bad_signature_is_refused(self, trio: list[Group]) -> None:
        bad = replace(package("dave").key_package, signature=bytes(64))
        refuses(trio[1], forge_commit(trio[0], Add(bad)), "authentication")

    def test_a_leaf_node_with_a_bad_signature_is_refused(self, trio: list[Group]) -> None:
        own = package("dave")
        leaf = replace(own.key_package.leaf_node, signature=bytes(64))
        bad = signed_package(own.key_package, own.client.signing_key, leaf_node=leaf)
        refuses(trio[1], forge_commit(trio[0], Add(bad)), "authentication")

    def test_an_init_key_that_is_the_encryption_key_is_refused(self, trio: list[Group]) -> None:
        own = package("dave")
        same = own.key_package.leaf_node.encryption_key
        bad = signed_package(own.key_package, own.client.signing_key, init_key=same)
        refuses(trio[1], forge_commit(trio[0], Add(bad)), "two purposes")

    def test_a_leaf_node_that_is_not_from_a_key_package_is_refused(self, trio: list[Group]) -> None:
        own = package("dave")
        leaf = signed_leaf(own.client, 3, own.key_package.leaf_node, source=FromUpdate())
        bad = signed_package(own.key_package, own.client.signing_key, leaf_node=leaf)
        refuses(trio[1], forge_commit(trio[0], Add(bad)), "not made for it")

    def test_a_lifetime_that_is_too_long_is_refused(self, trio: list[Group]) -> None:
        own = package("dave", lifetime=Lifetime(0, 1 << 40))
        refuses(trio[1], forge_commit(trio[0], Add(own.key_package)), "too long")

    def test_a_lifetime_that_runs_backwards_is_refused(self, trio: list[Group]) -> None:
        own = package("dave", lifetime=Lifetime(2, 1))
        refuses(trio[1], forge_commit(trio[0], Add(own.key_package)), "before it begins")

    def test_an_expired_key_package_is_not_sent_but_received(self, trio: list[Group]) -> None:
        own = package("dave", lifetime=Lifetime(1, 2))
        with pytest.raises(MisuseError, match="not good at this time"):
            commit(trio, 0, Add(own.key_package))
        with pytest.raises(MisuseError, match="not good at this time"):
            trio[0].propose(Add(own.key_package), now=NOW)
        trio[1].merge(trio[1].receive(forge_commit(trio[0], Add(own.key_package))))

    def test_a_credential_that_the_application_refuses_is_refused(self) -> None:
        policy = Policy(accept_credential=lambda credential, key: credential != DAVE)
        trio = family("alice", "bob", policy=policy)
        bad = forge_commit(trio[0], Add(package("dave").key_package))
        refuses(trio[1], bad, "authentication")

    def test_a_member_without_a_required_capability_is_refused(self) -> None:
        required = (RequiredCapabilities(extension_types=(0xF001,)).extension(),)
        able = supporting(0xF001)
        duo = family(
            client("alice", capabilities=able),
            client("bob", capabilities=able),
            extensions=required,
        )
        refuses(duo[1], forge_commit(duo[0], Add(package("dave").key_package)), "not support")
        add(duo, client("dave", capabilities=able))
        agree(*duo)

    def test_a_member_that_lacks_an_extension_of_the_group_is_refused(self) -> None:
        able = supporting(0xF001)
        duo = family(
            client("alice", capabilities=able),
            client("bob", capabilities=able),
            extensions=(Extension(0xF001, b""),),
        )
        refuses(duo[1], forge_commit(duo[0], Add(package("dave").key_package)), "not support")

    def test_a_member_of_another_version_or_suite_is_refused(self, trio: list[Group]) -> None:
        for odd in (Capabilities(versions=(2,)), Capabilities(cipher_suites=(2,))):
            own = package(client("dave", capabilities=odd))
            refuses(trio[1], forge_commit(trio[0], Add(own.key_package)), "not support")

    def test_a_member_that_does_not_know_a_credential_in_use_is_refused(
        self, trio: list[Group]
    ) -> None:
        own = package("dave")
        leaf = signed_leaf(
            own.client, 0, own.key_package.leaf_node,
            capabilities=Capabilities(credentials=(2,)),
        )  # fmt: skip
        bad = signed_package(own.key_package, own.client.signing_key, leaf_node=leaf)
        refuses(trio[1], forge_commit(trio[0], Add(bad)), "its client does not support")

    def test_two_adds_of_one_client_are_refused(self, trio: list[Group]) -> None:
        dave = client("dave")
        bad = forge_commit(trio[0], Add(package(dave).key_package), Add(package(dave).key_package))
        refuses(trio[1], bad, "one signature key")

    def test_an_add_of_a_member_is_refused(self, trio: list[Group]) -> None:
        again = package(trio[2].client).key_package
        refuses(trio[1], forge_commit(trio[0], Add(again)), "one signature key")

    def test_an_add_of_a_member_that_is_removed_is_fine(self, trio: list[Group]) -> None:
        again = package(trio[2].client)
        staged = commit(trio[:2], 0, Add(again.key_package), Remove(2))
        back = Group.join(staged.welcome or b"", again, random=random)
        agree(*trio[:2], back)


class TestUpdate:
    def test_a_valid_update_is_committed_by_somebody_else(self, trio: list[Group]) -> None:
        message = trio[2].propose_update()
        for group in trio[:2]:
            assert isinstance(group.receive(message), ReceivedProposal)
        before = trio[0].member(2)
        commit(trio, 0)
        assert trio[0].member(2) != before
        agree(*trio)
        commit(trio, 2)
        agree(*trio)

    def test_a_new_signature_key_counts_from_the_next_epoch_on(self, trio: list[Group]) -> None:
        key = SigningKey(random(32))
        message = trio[2].propose_update(replace(trio[2].client, signing_key=key))
        for group in trio[:2]:
            group.receive(message)
        commit(trio, 0)
        assert trio[2].client.signing_key is key
        assert trio[0].receive(trio[2].send(b"new key")).data == b"new key"

    def test_the_committers_own_update_is_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], forge_commit(trio[0], update_of(trio[0])), "by its path")

    def test_the_committers_own_update_by_reference_is_refused(self, trio: list[Group]) -> None:
        update = update_of(trio[0])
        proposed = trio[1].receive(forge_message(trio[0], update))
        sent = SentProposal(update, Member(0))
        bad = forge_commit(trio[0], (ProposalRef(proposed.reference), sent), applied=ProposalList())
        refuses(trio[1], bad, "by its path")

    def test_a_leaf_node_of_another_source_is_refused(self, trio: list[Group]) -> None:
        bad = update_of(trio[0], source=FromKeyPackage(Lifetime(0, 1)))
        refuses(trio[1], forge_message(trio[0], bad), "not made for it")

    def test_an_encryption_key_that_stays_is_refused(self, trio: list[Group]) -> None:
        old = trio[0].member(0)
        bad = update_of(trio[0], encryption_key=old.encryption_key)
        refuses(trio[1], forge_message(trio[0], bad), "keeps its encryption key")

    def test_a_key_of_another_member_is_refused(self, trio: list[Group]) -> None:
        """Nobody is to blame before the commit: the other one might go, or change its key."""
        theirs = trio[0].member(2)
        stranger = update_of(trio[1], encryption_key=theirs.encryption_key)
        impostor = Client(trio[2].client.signing_key, trio[1].client.credential)
        like = update_of(trio[1]).leaf_node
        leaf = signed_leaf(impostor, 1, like, signature_key=theirs.signature_key)
        for update, why in [(stranger, "encryption key"), (Update(leaf), "signature key")]:
            proposed = trio[2].receive(forge_message(trio[1], update))
            sent = SentProposal(update, Member(1))
            bad = forge_commit(trio[0], (ProposalRef(proposed.reference), sent))
            refuses(trio[2], bad, why)

    def test_another_identity_is_refused(self, trio: list[Group]) -> None:
        bad = update_of(trio[0], credential=BasicCredential(b"bob"))
        refuses(trio[1], forge_message(trio[0], bad), "authentication")

    def test_a_leaf_node_for_another_leaf_is_refused(self, trio: list[Group]) -> None:
        leaf = signed_leaf(trio[0].client, 1, update_of(trio[0]).leaf_node)
        refuses(trio[1], forge_message(trio[0], Update(leaf)), "authentication")

    def test_an_update_from_outside_is_refused(self, trio: list[Group]) -> None:
        before = trio[0].state.epoch.public
        with pytest.raises(Exception, match="only a member"):
            verify_proposal(before, SentProposal(update_of(trio[0]), External(0)), Policy())


class TestRemove:
    def test_a_blank_leaf_is_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], forge_message(trio[0], Remove(3)), "no member")
        refuses(trio[1], forge_message(trio[0], Remove(77)), "no member")
        bad = forge_commit(trio[0], Remove(3), applied=ProposalList())
        refuses(trio[1], bad, "no member")

    def test_the_committer_is_not_removed(self, trio: list[Group]) -> None:
        bad = forge_commit(trio[0], Remove(0), applied=ProposalList())
        refuses(trio[1], bad, "remove itself")

    def test_two_changes_of_one_leaf_are_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], forge_commit(trio[0], Remove(2), Remove(2)), "two changes")
        update = update_of(trio[2])
        proposed = trio[1].receive(forge_message(trio[2], update))
        reference = (ProposalRef(proposed.reference), SentProposal(update, Member(2)))
        for entries in ((reference, Remove(2)), (Remove(2), reference), (reference, reference)):
            bad = forge_commit(trio[0], *entries, applied=ProposalList())
            refuses(trio[1], bad, "two changes")


class TestPreSharedKey:
    @pytest.mark.parametrize("usage", [REINIT, BRANCH])
    def test_a_psk_that_links_groups_is_refused(self, trio: list[Group], usage: int) -> None:
        name = ResumptionPsk(usage, trio[0].group_id, trio[0].epoch)
        bad = PreSharedKey(PreSharedKeyID(name, bytes(32)))
        refuses(trio[1], forge_message(trio[0], bad), "a new group in an old one")

    def test_an_unknown_usage_is_refused(self, trio: list[Group]) -> None:
        bad = PreSharedKey(PreSharedKeyID(ResumptionPsk(4, b"", 0), bytes(32)))
        refuses(trio[1], forge_message(trio[0], bad), "unknown use")

    @pytest.mark.parametrize("size", [0, 31, 33])
    def test_a_nonce_of_the_wrong_size_is_refused(self, trio: list[Group], size: int) -> None:
        refuses(trio[1], forge_message(trio[0], psk(bytes(size))), "nonce")

    def test_one_psk_twice_is_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], forge_commit(trio[0], psk(), psk()), "one PSK twice", lambda _: b"key")

    def test_a_psk_that_we_do_not_have_is_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], forge_commit(trio[0], psk()), "do not have")


class TestReInit:
    def test_an_older_version_is_refused(self, trio: list[Group]) -> None:
        refuses(trio[1], forge_message(trio[0], reinit(0)), "older version")

    def test_it_stands_alone(self, trio: list[Group]) -> None:
        refuses(trio[1], forge_commit(trio[0], reinit(), Remove(2)), "stands alone")


class TestExternalInit:
    def test_a_member_does_not_use_it(self, trio: list[Group]) -> None:
        refuses(trio[1], forge_commit(trio[0], ExternalInit(bytes(32))), "does not join")


class TestGroupContextExtensions:
    def test_they_are_replaced_once_only(self, trio: list[Group]) -> None:
        bad = forge_commit(trio[0], GroupContextExtensions(()), GroupContextExtensions(()))
        refuses(trio[1], bad, "replaced twice")

    def test_requirements_that_a_member_does_not_meet_are_refused(self, trio: list[Group]) -> None:
        for required in (
            RequiredCapabilities(extension_types=(0xF001,)),
            RequiredCapabilities(proposal_types=(0xF001,)),
            RequiredCapabilities(credential_types=(2,)),
        ):
            change = GroupContextExtensions((required.extension(),))
            refuses(trio[1], forge_commit(trio[0], change), "not support")

    def test_default_types_may_be_required(self, trio: list[Group]) -> None:
        required = RequiredCapabilities((1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7), (1,))
        commit(trio, 0, GroupContextExtensions((required.extension(),)))
        agree(*trio)
        assert trio[2].extensions == (required.extension(),)

    def test_they_count_for_members_that_are_added_with_them(self) -> None:
        able = supporting(0xF001)
        duo = family(client("alice", capabilities=able), client("bob", capabilities=able))
        required = RequiredCapabilities(extension_types=(0xF001,)).extension()
        change = GroupContextExtensions((required,))
        bad = forge_commit(duo[0], change, Add(package("dave").key_package))
        refuses(duo[1], bad, "not support")

    def test_they_do_not_count_for_members_that_are_removed_with_them(self) -> None:
        able = supporting(0xF001)
        groups = family(
            client("alice", capabilities=able), client("bob", capabilities=able), "carol"
        )
        required = RequiredCapabilities(extension_types=(0xF001,)).extension()
        commit(groups[:2], 0, GroupContextExtensions((required,)), Remove(2))
        agree(*groups[:2])

    def test_malformed_requirements_are_refused(self, trio: list[Group]) -> None:
        for kind in (3, 5):
            bad = GroupContextExtensions((Extension(kind, b"\xff"),))
            refuses(trio[1], forge_message(trio[0], bad), "invalid prefix")

    def test_an_extension_that_nobody_supports_is_refused(self, trio: list[Group]) -> None:
        bad = GroupContextExtensions((Extension(0xF001, b""),))
        refuses(trio[1], forge_commit(trio[0], bad), "not support")


class TestExternalCommit:
    def sent(self, *proposals: object) -> list[SentProposal]:
        return [SentProposal(proposal, Member(0)) for proposal in proposals]

    def test_what_it_may_have(self) -> None:
        init, remove = ExternalInit(b""), Remove(1)
        found = check_external_list(self.sent(init, remove, psk(), psk(b"x" * 32)))
        assert found.external_init == init
        assert found.removes == (1,)
        assert len(found.psks) == 2

    def test_it_needs_exactly_one_external_init(self) -> None:
        for proposals in ((), (ExternalInit(b""), ExternalInit(b"x"))):
            with pytest.raises(Exception, match="one way in"):
                check_external_list(self.sent(*proposals))

    def test_it_removes_one_leaf_at_most(self) -> None:
        with pytest.raises(Exception, match="one leaf at most"):
            check_external_list(self.sent(ExternalInit(b""), Remove(1), Remove(2)))

    def test_it_has_no_other_proposals(self) -> None:
        group = create()
        others = (
            Add(package("dave").key_package),
            update_of(group),
            reinit(),
            GroupContextExtensions(()),
        )
        for other in others:
            with pytest.raises(Exception, match="may not have"):
                check_external_list(self.sent(ExternalInit(b""), other))


def test_proposals_are_applied_in_the_order_of_the_rfc(trio: list[Group]) -> None:
    """A Remove frees the leaf for an Add that stands before it in the list."""
    commit(trio[:2], 0, Add(package("dave").key_package), Remove(2))
    assert trio[0].member(2).credential == DAVE
    assert trio[0].member(3) is None


DAVE = BasicCredential(b"dave")
