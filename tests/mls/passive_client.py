"""A client that never says anything, and what becomes of it: the official passive-client format."""

import os
from contextlib import suppress

from geventim.crypto.dh import PrivateKey
from geventim.crypto.signature import SigningKey
from geventim.errors import PeerError
from geventim.mls.epochs.staged_commit import StagedCommit
from geventim.mls.ground.cipher_suite import suite_of
from geventim.mls.ground.leaf_node import Client
from geventim.mls.ground.policy import Policy
from geventim.mls.groups.group import Group
from geventim.mls.messages.key_package import OwnKeyPackage, UnverifiedKeyPackage
from geventim.mls.messages.message import decode_message
from geventim.mls.schedule.psk import ExternalPsk, PskName
from tests.mls.primitive_formats import Case, unhex

LIBERAL = Policy(
    max_generations_ahead=1 << 20,
    past_epochs=1000,
    max_lifetime=None,
    accept_successor=lambda old, new: True,
    accept_newcomer=lambda credential, key: True,
)
"""Believes everything that the engine itself does not refuse."""


def own_key_package(case: Case) -> OwnKeyPackage:
    """The client's key package with its private keys, which must be those of its public ones."""
    package = decode_message(unhex(case["key_package"]))
    assert isinstance(package, UnverifiedKeyPackage)
    verified = package.verify(suite_of(case["cipher_suite"]))
    leaf = verified.leaf_node
    client = Client(SigningKey(unhex(case["signature_priv"])), leaf.credential)
    init_key, encryption_key = (
        PrivateKey(unhex(case[name])) for name in ("init_priv", "encryption_priv")
    )
    assert client.signing_key.public == leaf.signature_key
    assert init_key.public == verified.init_key
    assert encryption_key.public == leaf.encryption_key
    return OwnKeyPackage(verified, client, init_key, encryption_key)


def run_passive_client(case: Case) -> None:
    external = {unhex(psk["psk_id"]): unhex(psk["psk"]) for psk in case.get("external_psks") or ()}

    def psks(name: PskName) -> bytes | None:
        return external.get(name.psk_id) if isinstance(name, ExternalPsk) else None

    group = Group.join(
        unhex(case["welcome"]),
        own_key_package(case),
        random=os.urandom,
        policy=LIBERAL,
        psks=psks,
        tree=unhex(case.get("ratchet_tree") or "") or None,
    )
    assert group.epoch_authenticator == unhex(case["initial_epoch_authenticator"])
    for epoch in case["epochs"]:
        for proposal in epoch.get("proposals") or ():
            # One that is refused is one that the commit does not need, or it is refused too.
            with suppress(PeerError):
                group.receive(unhex(proposal))
        staged = group.receive(unhex(epoch["commit"]), psks)
        assert isinstance(staged, StagedCommit)
        assert not staged.removes_us
        group.merge(staged)
        authenticator = group.state.epoch.secrets.epoch_authenticator  # a closed group has one too
        assert authenticator == unhex(epoch["epoch_authenticator"])
