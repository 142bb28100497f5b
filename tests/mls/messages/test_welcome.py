from dataclasses import replace

import pytest

from geventim.errors import AuthenticationError, PeerError
from geventim.mls.ground.cipher_suite import AES_128_GCM
from geventim.mls.messages.welcome import GroupSecrets, PathSecret, Welcome, seal_welcome
from geventim.mls.schedule.key_schedule import JoinerSecret
from geventim.mls.schedule.psk import ExternalPsk, PreSharedKeyID
from tests.mls.builder import SUITE, family, package, random

JOINER = JoinerSecret(bytes(32), bytes(32))
PSKS = (PreSharedKeyID(ExternalPsk(b"psk"), bytes(32)),)


@pytest.fixture(scope="module")
def info() -> object:
    group = family("alice", "bob")[0]
    return group.state.epoch.group_info(group.client.signing_key)


def test_each_newcomer_gets_its_own_secrets(info: object) -> None:
    dave, erin = package("dave"), package("erin")
    newcomers = [(dave.key_package, b"path"), (erin.key_package, None)]
    sealed = seal_welcome(SUITE, JOINER, info, newcomers, PSKS, random)
    sent = Welcome.decode(sealed.encode())
    assert sent == sealed
    opened = sent.open_secrets(SUITE, dave.key_package, dave.init_key)
    assert opened == GroupSecrets(bytes(32), PathSecret(b"path"), PSKS)
    opened = sent.open_secrets(SUITE, erin.key_package, erin.init_key)
    assert opened.path_secret is None
    assert sent.open_group_info(SUITE, JOINER).encode() == info.encode()


def test_somebody_elses_is_refused(info: object) -> None:
    dave, erin = package("dave"), package("erin")
    sealed = seal_welcome(SUITE, JOINER, info, [(dave.key_package, None)], (), random)
    with pytest.raises(PeerError, match="somebody else"):
        sealed.open_secrets(SUITE, erin.key_package, erin.init_key)
    with pytest.raises(AuthenticationError):
        sealed.open_secrets(SUITE, dave.key_package, erin.init_key)
    with pytest.raises(PeerError, match="another cipher suite"):
        replace(sealed, cipher_suite=1).open_secrets(SUITE, dave.key_package, dave.init_key)
    with pytest.raises(PeerError, match="another cipher suite"):
        sealed.open_secrets(AES_128_GCM, dave.key_package, dave.init_key)


def test_secrets_are_bound_to_the_group_info(info: object) -> None:
    dave = package("dave")
    sealed = seal_welcome(SUITE, JOINER, info, [(dave.key_package, None)], (), random)
    odd = replace(sealed, encrypted_group_info=sealed.encrypted_group_info[:-1] + b"x")
    with pytest.raises(AuthenticationError):
        odd.open_secrets(SUITE, dave.key_package, dave.init_key)


def test_another_joiner_or_psk_secret_opens_nothing(info: object) -> None:
    sealed = seal_welcome(SUITE, JOINER, info, [], (), random)
    for other in (JoinerSecret(b"x" * 32, bytes(32)), JoinerSecret(bytes(32), b"x" * 32)):
        with pytest.raises(AuthenticationError):
            sealed.open_group_info(SUITE, other)


def test_secrets_are_not_shown() -> None:
    assert repr(GroupSecrets(b"joiner", PathSecret(b"path"), ())) == (
        "GroupSecrets(path_secret=PathSecret(), psks=())"
    )
