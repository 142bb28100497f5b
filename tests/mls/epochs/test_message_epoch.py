import pytest

from geventim.errors import PeerError
from geventim.mls.epochs.message_epoch import MessageEpoch, SignatureKeys
from geventim.mls.schedule.secret_tree import RatchetKind
from tests.mls.builder import family


def test_keys_without_a_tree() -> None:
    keys = SignatureKeys({0: b"a", 2: b"c"})
    assert keys.signature_key(2) == b"c"
    with pytest.raises(PeerError, match="no member"):
        keys.signature_key(1)


def test_what_is_kept_of_an_epoch() -> None:
    state = family("alice", "bob")[0].state
    kept = MessageEpoch.of(state.epoch, state.ratchets)
    assert kept.signers.signature_key(1) == state.epoch.tree.member(1).signature_key
    assert kept.resumption_psk == state.epoch.secrets.resumption_psk
    assert kept.ratchets is state.ratchets
    assert repr(kept.sender_data_secret) not in repr(kept)


def test_a_fork_has_ratchets_of_its_own() -> None:
    state = family("alice", "bob")[0].state
    kept = MessageEpoch.of(state.epoch, state.ratchets)
    fork = kept.fork()
    kind = RatchetKind.APPLICATION
    before = kept.ratchets.generation(1, kind)
    fork.ratchets.take(fork.ratchets.seek(1, kind, before, 0))
    assert kept.ratchets.generation(1, kind) == before
    assert fork.ratchets.generation(1, kind) == before + 1
