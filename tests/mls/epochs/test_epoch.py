from dataclasses import replace

from geventim.mls.epochs.epoch import (
    CommitSecrets,
    confirmed_context,
    derive_transition,
    provisional_context,
)
from geventim.mls.epochs.transcript import interim_transcript_hash
from geventim.mls.ground.extensions import EXTERNAL_PUB, RATCHET_TREE, Extension, find_extension
from geventim.mls.groups.commit_creation import CommitRequest
from geventim.mls.messages.authentication import UnverifiedContent
from geventim.mls.messages.framing import PublicMessage
from geventim.mls.messages.message import decode_message
from tests.mls.builder import NOW, SUITE, create, family


def test_the_first_epoch() -> None:
    """RFC 9420 §11: the transcript begins with a confirmation tag over nothing."""
    epoch = create().state.epoch
    assert epoch.context.epoch == 0
    assert epoch.context.confirmed_transcript_hash == b""
    tag = epoch.secrets.confirmation_tag(epoch.suite, epoch.context)
    expected = interim_transcript_hash(epoch.suite, b"", tag)
    assert epoch.public.interim_transcript_hash == expected


def test_the_provisional_context_has_the_old_transcript() -> None:
    group = family("alice", "bob")[0]
    before, tree = group.state.epoch.context, group.state.epoch.tree.fork()
    tree.remove(1)
    extensions = (Extension(1, b""),)
    context = provisional_context(before, tree, extensions)
    assert context == replace(
        before, epoch=before.epoch + 1, tree_hash=tree.tree_hash(), extensions=extensions
    )


def test_a_transition_depends_on_every_secret_and_on_the_commit() -> None:
    group = family("alice", "bob")[0]
    public = group.state.epoch.public
    commits = [group.commit(CommitRequest((), NOW), public=True) for _ in range(2)]
    tags = set()
    for staged in commits:
        message = decode_message(staged.message)
        assert isinstance(message, PublicMessage)
        verified = UnverifiedContent(1, message.content, message.auth).verify(
            public.suite, public.tree, public.context
        )
        provisional = provisional_context(public.context, public.tree, ())
        context = confirmed_context(public, provisional, verified)
        for index in range(4):
            secrets = [bytes(32)] * 3
            if index < 3:
                secrets[index] = b"\x01" * 32
            made = derive_transition(SUITE, context, CommitSecrets(*secrets))
            assert made.confirm(verified).auth.confirmation_tag == made.confirmation_tag
            tags.add(made.confirmation_tag)
    assert len(tags) == 8


def test_a_group_info_has_what_is_asked_for() -> None:
    group = create()
    epoch, key = group.state.epoch, group.client.signing_key
    for with_tree in (True, False):
        for with_pub in (True, False):
            info = epoch.group_info(
                key, (Extension(9, b"x"),), with_tree=with_tree, with_external_pub=with_pub
            )
            assert (find_extension(info.extensions, RATCHET_TREE) is not None) is with_tree
            assert (find_extension(info.extensions, EXTERNAL_PUB) is not None) is with_pub
            assert find_extension(info.extensions, 9) == b"x"
