"""Runs cases of the official formats about ratchet trees, and about the syntax of everything."""

import os
from functools import partial

from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.mls.ground.cipher_suite import suite_of
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.message import decode_message, encode_message
from geventim.mls.messages.proposals import (
    PROPOSAL,
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from geventim.mls.messages.welcome import GroupSecrets
from geventim.mls.tree import tree_math
from geventim.mls.tree.group_context import GroupContext
from geventim.mls.tree.ratchet_tree import OptionalNode, RatchetTree
from geventim.mls.tree.tree_validation import UnverifiedTree, check_unmerged_leaves
from geventim.mls.tree.treekem import (
    PrivateKeys,
    create_path,
    keys_from_secret,
    merge_path,
    open_path,
)
from geventim.mls.tree.update_path import UpdatePath
from geventim.wire.presentation import decode_vector, encode_vector
from tests.mls.primitive_formats import Case, unhex

LIBERAL = Policy(max_lifetime=None)


def run_tree_operations(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    tree = UnverifiedTree.decode(unhex(case["tree_before"]), LIBERAL).trust(suite)
    assert tree.encode() == unhex(case["tree_before"])
    assert tree.tree_hash() == unhex(case["tree_hash_before"])
    proposal = PROPOSAL.decode(unhex(case["proposal"]))
    if isinstance(proposal, Add):
        tree.add(proposal.key_package.leaf_node.trust())
    elif isinstance(proposal, Update):
        tree.update(case["proposal_sender"], proposal.leaf_node.trust())
    else:
        assert isinstance(proposal, Remove)
        tree.remove(proposal.removed)
        tree.truncate()
    assert tree.encode() == unhex(case["tree_after"])
    assert tree.tree_hash() == unhex(case["tree_hash_after"])


def run_tree_validation(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    unverified = UnverifiedTree.decode(unhex(case["tree"]), LIBERAL)
    tree = unverified.trust(suite)
    assert tree.encode() == unhex(case["tree"])
    subtrees = {}
    waiting = [tree.root]
    while waiting:
        here = waiting.pop()
        subtrees[here.position] = here
        if here.level:
            waiting += (here.left, here.right)
    tree.tree_hash()
    for position, (digest, resolution) in enumerate(
        zip(case["tree_hashes"], case["resolutions"], strict=True)
    ):
        assert subtrees[position].tree_hash == unhex(digest)
        assert [node.position for node in subtrees[position].resolution()] == resolution
    context = GroupContext(1, suite.number, unhex(case["group_id"]), 0, tree.tree_hash(), b"", ())
    unverified.verify(suite, context, LIBERAL)


def run_treekem(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    group_id = unhex(case["group_id"])
    tree = UnverifiedTree.decode(unhex(case["ratchet_tree"]), LIBERAL).trust(suite)
    check_unmerged_leaves(tree.root)
    members = {}
    for private in case["leaves_private"]:
        parents = {}
        for entry in private["path_secrets"]:
            node_secret = suite.derive_secret(unhex(entry["path_secret"]), "node")
            parents[entry["node"]] = suite.derive_key_pair(node_secret)
        keys = PrivateKeys(PrivateKey(unhex(private["encryption_priv"])), parents)
        index = private["index"]
        # Every key belongs to the node it is listed for.
        assert keys.within(tree, index).parents.keys() == parents.keys()
        assert keys.leaf.public == tree.member(index).encryption_key
        members[index] = (keys, SigningKey(unhex(private["signature_priv"])))

    def context_of(after: RatchetTree) -> bytes:
        return GroupContext(
            1,
            suite.number,
            group_id,
            case["epoch"],
            after.tree_hash(),
            unhex(case["confirmed_transcript_hash"]),
            (),
        ).encode()

    for entry in case["update_paths"]:
        sender = entry["sender"]
        path = UpdatePath.decode(unhex(entry["update_path"]))
        after = tree.fork()
        leaf = path.leaf_node.verify(suite, group_id, sender)
        steps = merge_path(after, sender, path, leaf, ())
        assert after.tree_hash() == unhex(entry["tree_hash_after"])
        context = context_of(after)
        for index, (keys, _) in members.items():
            if index == sender:
                continue
            opened = open_path(suite, steps, path, (index, keys), context, ())
            assert opened.commit_secret == unhex(entry["commit_secret"])
            expected = entry["path_secrets"][index]
            common = tree_math.common_ancestor(index, sender)
            derived = keys_from_secret(after, index, sender, unhex(expected))
            lowest = min(derived, key=tree_math.level)
            assert tree_math.level(lowest) >= tree_math.level(common)
            for position, key in derived.items():
                assert opened.keys.parents[position].public == key.public

        signing_key = members[sender][1]
        client = Client(
            signing_key,
            tree.member(sender).credential,
            leaf.capabilities,
            leaf.extensions,
        )
        ours = tree.fork()
        sign = partial(client.leaf_node, suite, group_id=group_id, leaf_index=sender)
        fresh = create_path(ours, sender, sign, os.urandom)
        context = context_of(ours)
        sent = UpdatePath.decode(fresh.encrypt(context, (), os.urandom).encode())
        theirs = tree.fork()
        sent_leaf = sent.leaf_node.verify(suite, group_id, sender)
        steps = merge_path(theirs, sender, sent, sent_leaf, ())
        assert theirs.tree_hash() == ours.tree_hash()
        for index, (keys, _) in members.items():
            if index != sender:
                opened = open_path(suite, steps, sent, (index, keys), context, ())
                assert opened.commit_secret == fresh.commit_secret


def run_messages(case: Case) -> None:
    messages = (
        "mls_welcome",
        "mls_group_info",
        "mls_key_package",
        "public_message_application",
        "public_message_proposal",
        "public_message_commit",
        "private_message",
    )
    structures = {
        "group_secrets": GroupSecrets,
        "add_proposal": Add,
        "update_proposal": Update,
        "remove_proposal": Remove,
        "pre_shared_key_proposal": PreSharedKey,
        "re_init_proposal": ReInit,
        "external_init_proposal": ExternalInit,
        "group_context_extensions_proposal": GroupContextExtensions,
        "commit": Commit,
    }
    assert case.keys() == {*messages, *structures, "ratchet_tree"}
    for name in messages:
        raw = unhex(case[name])
        assert encode_message(decode_message(raw)) == raw, name
    for name, structure in structures.items():
        raw = unhex(case[name])
        assert structure.decode(raw).encode() == raw, name
    raw = unhex(case["ratchet_tree"])
    assert encode_vector(decode_vector(raw, OptionalNode), OptionalNode) == raw
