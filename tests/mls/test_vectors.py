"""The official test vectors (mlswg/mls-implementations, test-vectors.md), one runner a format.

Every case of every file runs; a file whose name contains ``passive`` goes to the passive client.
"""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError
from geventim.mls import key_schedule, tree_math
from geventim.mls.authentication import UnverifiedContent, sign_content
from geventim.mls.cipher_suite import HPKECiphertext, suite_of
from geventim.mls.commit import Commit
from geventim.mls.framing import (
    PRIVATE_MESSAGE,
    PUBLIC_MESSAGE,
    ApplicationData,
    AuthenticatedContent,
    FramedContent,
    FramedContentAuthData,
    Member,
    PrivateMessage,
    PublicMessage,
)
from geventim.mls.group import Group
from geventim.mls.group_context import GroupContext
from geventim.mls.group_state import Status
from geventim.mls.key_package import OwnKeyPackage, UnverifiedKeyPackage
from geventim.mls.leaf_node import Client
from geventim.mls.message import decode_message, encode_message
from geventim.mls.policy import Policy
from geventim.mls.proposals import (
    PROPOSAL,
    Add,
    ExternalInit,
    GroupContextExtensions,
    PreSharedKey,
    ReInit,
    Remove,
    Update,
)
from geventim.mls.protection import (
    open_sender_data,
    protect_private,
    protect_public,
    sender_data_key,
    unprotect_private,
    unprotect_public,
)
from geventim.mls.psk import ExternalPsk, PreSharedKeyID, PskName, psk_secret
from geventim.mls.ratchet_tree import RatchetTree
from geventim.mls.received import ReceivedProposal
from geventim.mls.secret_tree import RatchetKind, SecretTree
from geventim.mls.staged_commit import StagedCommit
from geventim.mls.transcript import confirmed_transcript_hash, interim_transcript_hash
from geventim.mls.tree_validation import UnverifiedTree, check_unmerged_leaves
from geventim.mls.treekem import PrivateKeys, create_path, keys_from_secret, merge_path, open_path
from geventim.mls.update_path import UpdatePath
from geventim.mls.welcome import GroupSecrets, Welcome
from geventim.wire.presentation import Reader, write_length

pytestmark = pytest.mark.vectors

FOLDER = (
    Path(os.environ.get("EIM_VECTORS") or Path(__file__).parents[2].parent / "shared" / "vectors")
    / "mls"
)
LIBERAL = Policy(
    max_generations_ahead=1 << 20,
    past_epochs=1000,
    max_lifetime=None,
    accept_successor=lambda old, new: True,
    accept_newcomer=lambda credential, key: True,
)
Case = dict[str, Any]


def unhex(text: str) -> bytes:
    return bytes.fromhex(text)


def run_tree_math(case: Case) -> None:
    count = case["n_leaves"]
    width = case["n_nodes"]
    assert tree_math.node_width(count) == width
    assert tree_math.root(count) == case["root"]

    def optional(function: Callable[..., int], *arguments: int) -> int | None:
        try:
            return function(*arguments)
        except MisuseError:
            return None

    for node in range(width):
        assert optional(tree_math.left, node) == case["left"][node]
        assert optional(tree_math.right, node) == case["right"][node]
        assert optional(tree_math.parent, node, count) == case["parent"][node]
        assert optional(tree_math.sibling, node, count) == case["sibling"][node]


def run_deserialization(case: Case) -> None:
    header = unhex(case["vlbytes_header"])
    assert Reader(header).length() == case["length"]
    out = bytearray()
    write_length(out, case["length"])
    assert out == header


def run_crypto_basics(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    part = case["ref_hash"]
    assert suite.ref_hash(part["label"], unhex(part["value"])) == unhex(part["out"])
    part = case["expand_with_label"]
    expanded = suite.expand_with_label(
        unhex(part["secret"]), part["label"], unhex(part["context"]), part["length"]
    )
    assert expanded == unhex(part["out"])
    part = case["derive_secret"]
    assert suite.derive_secret(unhex(part["secret"]), part["label"]) == unhex(part["out"])
    part = case["derive_tree_secret"]
    derived = suite.derive_tree_secret(
        unhex(part["secret"]), part["label"], part["generation"], part["length"]
    )
    assert derived == unhex(part["out"])
    part = case["sign_with_label"]
    content, label = unhex(part["content"]), part["label"]
    verifier = suite.verifier(unhex(part["pub"]))
    suite.verify_with_label(verifier, label, content, unhex(part["signature"]))
    signature = suite.sign_with_label(SigningKey(unhex(part["priv"])), label, content)
    suite.verify_with_label(verifier, label, content, signature)
    part = case["encrypt_with_label"]
    private, context = PrivateKey(unhex(part["priv"])), unhex(part["context"])
    plaintext = unhex(part["plaintext"])
    sealed = HPKECiphertext(unhex(part["kem_output"]), unhex(part["ciphertext"]))
    assert suite.decrypt_with_label(private, part["label"], context, sealed) == plaintext
    again = suite.encrypt_with_label(
        unhex(part["pub"]), part["label"], context, plaintext, os.urandom
    )
    assert suite.decrypt_with_label(private, part["label"], context, again) == plaintext


def run_secret_tree(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    part = case["sender_data"]
    key, nonce = sender_data_key(
        suite, unhex(part["sender_data_secret"]), unhex(part["ciphertext"])
    )
    assert (key, nonce) == (unhex(part["key"]), unhex(part["nonce"]))
    tree = SecretTree(suite, len(case["leaves"]), unhex(case["encryption_secret"]))
    for leaf, generations in enumerate(case["leaves"]):
        for entry in generations:
            for kind in RatchetKind:
                found = tree.seek(leaf, kind, entry["generation"], 1 << 20)
                tree.take(found)
                name = kind.name.lower()
                assert found.key.key == unhex(entry[f"{name}_key"])
                assert found.key.nonce == unhex(entry[f"{name}_nonce"])


def run_message_protection(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    context = GroupContext(
        1,
        suite.number,
        unhex(case["group_id"]),
        case["epoch"],
        unhex(case["tree_hash"]),
        unhex(case["confirmed_transcript_hash"]),
        (),
    )
    signing_key = SigningKey(unhex(case["signature_priv"]))
    assert signing_key.public == unhex(case["signature_pub"])
    membership_key = unhex(case["membership_key"])
    sender_data_secret = unhex(case["sender_data_secret"])

    class OneSigner:
        def signature_key(self, index: int) -> bytes:
            assert index == 1
            return signing_key.public

    def secrets() -> SecretTree:
        return SecretTree(suite, 2, unhex(case["encryption_secret"]))

    def open_private(message: PrivateMessage) -> UnverifiedContent:
        sender = open_sender_data(suite, sender_data_secret, message)
        return unprotect_private(suite, sender, secrets(), message, 1024)[0]

    def check(unverified: UnverifiedContent, expected: Any) -> None:
        verified = unverified.verify(suite, OneSigner(), context)
        assert verified.content.content == expected

    def sign(wire_format: int, content: Any) -> AuthenticatedContent:
        framed = FramedContent(context.group_id, context.epoch, Member(1), b"", content)
        signed = sign_content(suite, signing_key, wire_format, framed, context)
        if not isinstance(content, Commit):
            return signed
        # What the tag is does not matter here, only that there is one.
        auth = FramedContentAuthData(signed.auth.signature, bytes(32))
        return AuthenticatedContent(wire_format, signed.content, auth)

    for name in ("proposal", "commit", "application"):
        raw = unhex(case[name])
        content: Any = ApplicationData(raw)
        if name == "proposal":
            content = PROPOSAL.decode(raw)
        elif name == "commit":
            content = Commit.decode(raw)
        message = decode_message(unhex(case[f"{name}_priv"]))
        assert isinstance(message, PrivateMessage)
        check(open_private(message), content)
        key = secrets().seek(1, RatchetKind(int(name == "application")), 0, 0).key
        sealed = protect_private(
            suite,
            sender_data_secret,
            sign(PRIVATE_MESSAGE, content),
            key,
            os.urandom(4),
            lambda size: size % 7,
        )
        check(open_private(PrivateMessage.decode(sealed.encode())), content)
        if name == "application":
            continue
        public = decode_message(unhex(case[f"{name}_pub"]))
        assert isinstance(public, PublicMessage)
        check(unprotect_public(suite, membership_key, public, context), content)
        again = protect_public(suite, membership_key, sign(PUBLIC_MESSAGE, content), context)
        check(unprotect_public(suite, membership_key, again, context), content)


def run_key_schedule(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    init_secret = unhex(case["initial_init_secret"])
    for number, epoch in enumerate(case["epochs"]):
        context = GroupContext(
            1,
            suite.number,
            unhex(case["group_id"]),
            number,
            unhex(epoch["tree_hash"]),
            unhex(epoch["confirmed_transcript_hash"]),
            (),
        )
        assert context.encode() == unhex(epoch["group_context"])
        joiner = key_schedule.derive_joiner_secret(
            suite, init_secret, unhex(epoch["commit_secret"]), unhex(epoch["psk_secret"]), context
        )
        assert joiner.joiner_secret == unhex(epoch["joiner_secret"])
        assert joiner.welcome_secret(suite) == unhex(epoch["welcome_secret"])
        secrets, encryption = key_schedule.derive_epoch(suite, joiner.epoch_secret(suite, context))
        assert encryption == unhex(epoch["encryption_secret"])
        for name in type(secrets).__dataclass_fields__:
            assert getattr(secrets, name) == unhex(epoch[name]), name
        assert secrets.external_key_pair(suite).public == unhex(epoch["external_pub"])
        part = epoch["exporter"]
        exported = secrets.export(suite, part["label"], unhex(part["context"]), part["length"])
        assert exported == unhex(part["secret"])
        init_secret = secrets.init_secret


def run_psk_secret(case: Case) -> None:
    psks = [
        (PreSharedKeyID(ExternalPsk(unhex(p["psk_id"])), unhex(p["psk_nonce"])), unhex(p["psk"]))
        for p in case["psks"]
    ]
    assert psk_secret(suite_of(case["cipher_suite"]), psks) == unhex(case["psk_secret"])


def run_transcript_hashes(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    message = AuthenticatedContent.decode(unhex(case["authenticated_content"]))
    before = unhex(case["interim_transcript_hash_before"])
    confirmed = confirmed_transcript_hash(suite, before, message)
    assert confirmed == unhex(case["confirmed_transcript_hash_after"])
    tag = message.auth.confirmation_tag
    assert tag is not None
    suite.verify_mac(unhex(case["confirmation_key"]), confirmed, tag)
    interim = interim_transcript_hash(suite, confirmed, tag)
    assert interim == unhex(case["interim_transcript_hash_after"])


def run_welcome(case: Case) -> None:
    suite = suite_of(case["cipher_suite"])
    welcome = decode_message(unhex(case["welcome"]))
    package = decode_message(unhex(case["key_package"]))
    assert isinstance(welcome, Welcome)
    assert isinstance(package, UnverifiedKeyPackage)
    secrets = welcome.open_secrets(suite, package, PrivateKey(unhex(case["init_priv"])))
    assert secrets.psks == ()
    joiner = key_schedule.JoinerSecret(secrets.joiner_secret, key_schedule.NO_SECRET)
    info = welcome.open_group_info(suite, joiner)
    verifier = suite.verifier(unhex(case["signer_pub"]))
    suite.verify_with_label(verifier, "GroupInfoTBS", info.content(), info.signature)
    context = info.group_context
    epoch, _ = key_schedule.derive_epoch(suite, joiner.epoch_secret(suite, context))
    assert epoch.confirmation_tag(suite, context) == info.confirmation_tag


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
        steps = merge_path(after, sender, path, leaf)
        assert after.tree_hash() == unhex(entry["tree_hash_after"])
        context = context_of(after)
        for index, (keys, _) in members.items():
            if index == sender:
                continue
            new, secret = open_path(suite, steps, path, (index, keys), context, ())
            assert secret == unhex(entry["commit_secret"])
            expected = entry["path_secrets"][index]
            common = tree_math.common_ancestor(index, sender)
            derived = keys_from_secret(after, index, sender, unhex(expected))
            lowest = min(derived, key=tree_math.level)
            assert tree_math.level(lowest) >= tree_math.level(common)
            for position, key in derived.items():
                assert new.parents[position].public == key.public

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
        steps = merge_path(theirs, sender, sent, sent.leaf_node.verify(suite, group_id, sender))
        assert theirs.tree_hash() == ours.tree_hash()
        for index, (keys, _) in members.items():
            if index != sender:
                _, secret = open_path(suite, steps, sent, (index, keys), context, ())
                assert secret == fresh.commit_secret


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
    tree = UnverifiedTree.decode(raw, LIBERAL).trust(suite_of(1))
    assert tree.encode() == raw


def run_passive_client(case: Case) -> None:
    package = decode_message(unhex(case["key_package"]))
    assert isinstance(package, UnverifiedKeyPackage)
    suite = suite_of(case["cipher_suite"])
    verified = package.verify(suite)
    leaf = verified.leaf_node
    client = Client(SigningKey(unhex(case["signature_priv"])), leaf.credential)
    assert client.signing_key.public == leaf.signature_key
    own = OwnKeyPackage(
        verified,
        client,
        PrivateKey(unhex(case["init_priv"])),
        PrivateKey(unhex(case["encryption_priv"])),
    )
    assert own.init_key.public == verified.init_key
    assert own.encryption_key.public == leaf.encryption_key
    external = {unhex(psk["psk_id"]): unhex(psk["psk"]) for psk in case["external_psks"]}

    def psks(name: PskName) -> bytes | None:
        return external.get(name.psk_id) if isinstance(name, ExternalPsk) else None

    tree = case.get("ratchet_tree")
    group = Group.join(
        unhex(case["welcome"]),
        own,
        random=os.urandom,
        policy=LIBERAL,
        psks=psks,
        tree=None if tree is None else unhex(tree),
    )
    assert group.epoch_authenticator == unhex(case["initial_epoch_authenticator"])
    for epoch in case["epochs"]:
        for proposal in epoch["proposals"]:
            assert isinstance(group.receive(unhex(proposal)), ReceivedProposal)
        staged = group.receive(unhex(epoch["commit"]), psks)
        assert isinstance(staged, StagedCommit)
        group.merge(staged)
        assert staged.after is not None
        secrets = group.state.epoch.secrets
        assert secrets.epoch_authenticator == unhex(epoch["epoch_authenticator"])
    assert group.status in (Status.ACTIVE, Status.CLOSED)


RUNNERS: dict[str, Callable[[Case], None]] = {
    "tree-math": run_tree_math,
    "deserialization": run_deserialization,
    "crypto-basics": run_crypto_basics,
    "secret-tree": run_secret_tree,
    "message-protection": run_message_protection,
    "key-schedule": run_key_schedule,
    "psk_secret": run_psk_secret,
    "transcript-hashes": run_transcript_hashes,
    "welcome": run_welcome,
    "tree-operations": run_tree_operations,
    "tree-validation": run_tree_validation,
    "treekem": run_treekem,
    "messages": run_messages,
}


FILES = sorted(FOLDER.glob("*.json"))


def runner_of(path: Path) -> Callable[[Case], None]:
    return run_passive_client if "passive" in path.name else RUNNERS[path.stem]


def cases() -> list[Any]:
    return [
        pytest.param(path, number, id=f"{path.stem}-{number}")
        for path in FILES
        for number in range(len(json.loads(path.read_text(encoding="utf-8"))))
    ]


@pytest.mark.parametrize(("path", "number"), cases())
def test_case(path: Path, number: int) -> None:
    runner_of(path)(json.loads(path.read_text(encoding="utf-8"))[number])


def test_every_file_has_a_runner(capsys: pytest.CaptureFixture[str]) -> None:
    if not FILES:
        pytest.skip(f"no test vectors at {FOLDER}; set EIM_VECTORS to their folder")
    with capsys.disabled():
        print()
        for path in FILES:
            count = len(json.loads(path.read_text(encoding="utf-8")))
            print(f"{path.name}: {count} cases, {runner_of(path).__name__}")
