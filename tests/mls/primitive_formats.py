"""Runs cases of the official formats that try one function: from tree math to Welcome messages."""

import os
from collections.abc import Callable
from typing import Any

from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.errors import MisuseError
from geventim.mls.epochs.transcript import confirmed_transcript_hash, interim_transcript_hash
from geventim.mls.ground.cipher_suite import HPKECiphertext, suite_of
from geventim.mls.messages.authentication import UnverifiedContent, sign_content
from geventim.mls.messages.commit import Commit
from geventim.mls.messages.framing import (
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
from geventim.mls.messages.key_package import UnverifiedKeyPackage
from geventim.mls.messages.message import decode_message
from geventim.mls.messages.proposals import PROPOSAL
from geventim.mls.messages.protection import (
    open_sender_data,
    protect_private,
    protect_public,
    sender_data_key,
    unprotect_private,
    unprotect_public,
)
from geventim.mls.messages.welcome import Welcome
from geventim.mls.schedule import key_schedule
from geventim.mls.schedule.psk import ExternalPsk, PreSharedKeyID, psk_secret
from geventim.mls.schedule.secret_tree import RatchetKind, SecretTree
from geventim.mls.tree import tree_math
from geventim.mls.tree.group_context import GroupContext
from geventim.wire.presentation import Reader, write_length

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
