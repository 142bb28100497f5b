"""RFC 9420 §9: every key once, in any order, and gone afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.errors import MisuseError, PeerError
from geventim.mls.schedule import secret_tree as module
from geventim.mls.schedule.secret_tree import (
    LAST_GENERATION,
    Ratchet,
    RatchetKind,
    SavedSecretTree,
    SecretTree,
)
from tests.mls.builder import SUITE

SECRET = bytes(range(32))
APPLICATION, HANDSHAKE = RatchetKind.APPLICATION, RatchetKind.HANDSHAKE


def tree(leaves: int = 8) -> SecretTree:
    return SecretTree(SUITE, leaves, SECRET)


def use(secrets: SecretTree, leaf: int, kind: RatchetKind, generation: int) -> bytes:
    found = secrets.seek(leaf, kind, generation, 100)
    secrets.take(found)
    return found.key.key


def test_every_leaf_kind_and_generation_has_its_own_key() -> None:
    secrets = tree()
    keys = {
        use(secrets, leaf, kind, generation)
        for leaf in range(8)
        for kind in RatchetKind
        for generation in range(5)
    }
    assert len(keys) == 80


@given(st.permutations(range(8)), st.permutations(range(6)))
def test_the_order_makes_no_difference(leaves: list[int], generations: list[int]) -> None:
    straight, mixed = tree(), tree()
    expected = {
        (leaf, n): use(straight, leaf, APPLICATION, n) for leaf in range(8) for n in range(6)
    }
    for n in generations:
        for leaf in leaves:
            assert use(mixed, leaf, APPLICATION, n) == expected[leaf, n]


def test_a_key_is_there_once() -> None:
    secrets = tree()
    for generation in (3, 1, 0, 2):
        use(secrets, 5, HANDSHAKE, generation)
    for generation in range(4):
        with pytest.raises(PeerError, match="received before"):
            secrets.seek(5, HANDSHAKE, generation, 100)
    use(secrets, 5, APPLICATION, 0)


def test_seeking_changes_nothing() -> None:
    secrets = tree()
    before = secrets.save()
    for generation in (0, 7):
        secrets.seek(2, APPLICATION, generation, 100)
    assert secrets.save() == before
    use(secrets, 2, APPLICATION, 3)
    before = secrets.save()
    secrets.seek(2, APPLICATION, 1, 100)
    secrets.seek(2, HANDSHAKE, 9, 100)
    secrets.seek(3, HANDSHAKE, 0, 100)
    assert secrets.save() == before


def test_what_a_key_came_from_is_gone() -> None:
    secrets = tree(4)
    use(secrets, 1, APPLICATION, 0)
    saved = secrets.save()
    # Of the root, the left half and the leaf only the secrets beside the path are left.
    assert [entry.position for entry in saved.secrets] == [0, 5]
    assert SECRET not in saved.encode()
    key = secrets.seek(1, APPLICATION, 1, 0).key
    use(secrets, 1, APPLICATION, 2)
    assert key.key in secrets.save().encode()
    use(secrets, 1, APPLICATION, 1)
    assert key.key not in secrets.save().encode()


def test_of_what_is_skipped_only_the_newest_keys_are_kept() -> None:
    secrets = tree()
    secrets.take(secrets.seek(0, APPLICATION, 200, 256, 3))
    with pytest.raises(PeerError, match="received before"):
        secrets.seek(0, APPLICATION, 196, 256, 3)
    oldest = secrets.seek(0, APPLICATION, 197, 256, 3).key
    assert oldest == tree().seek(0, APPLICATION, 197, 256).key
    secrets.take(secrets.seek(0, APPLICATION, 202, 256, 3))
    with pytest.raises(PeerError, match="received before"):
        secrets.seek(0, APPLICATION, 197, 256, 3)
    for late in (198, 199, 201):
        secrets.take(secrets.seek(0, APPLICATION, late, 256, 3))


def test_no_key_is_made_of_what_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    make = module._message_key
    monkeypatch.setattr(module, "_message_key", lambda *of: made.append(of) or make(*of))
    tree().seek(0, APPLICATION, 256, 256, 32)
    assert len(made) == 32 + 1


def test_keys_that_are_left_out_are_gone() -> None:
    secrets, straight = tree(), tree()
    secrets.leave_out(1, APPLICATION, 3)
    assert secrets.generation(1, APPLICATION) == 3
    for generation in range(3):
        with pytest.raises(PeerError, match="received before"):
            secrets.seek(1, APPLICATION, generation, 100)
    assert use(secrets, 1, APPLICATION, 3) == use(straight, 1, APPLICATION, 3)
    assert use(secrets, 1, HANDSHAKE, 0) == use(straight, 1, HANDSHAKE, 0)
    secrets.leave_out(1, APPLICATION, 2)
    assert secrets.generation(1, APPLICATION) == 4
    secrets.leave_out(2, APPLICATION, 0)
    assert secrets.generation(2, APPLICATION) == 0
    for nothing in (-1, LAST_GENERATION + 1):
        with pytest.raises(MisuseError):
            secrets.leave_out(1, APPLICATION, nothing)


def test_a_generation_too_far_ahead_is_refused() -> None:
    secrets = tree()
    secrets.seek(0, APPLICATION, 10, 10)
    with pytest.raises(PeerError, match="too far"):
        secrets.seek(0, APPLICATION, 11, 10)
    for hostile in (LAST_GENERATION, LAST_GENERATION - 1):
        with pytest.raises(PeerError, match="too far"):
            secrets.seek(0, APPLICATION, hostile, 1024)


def test_the_last_generation_is_never_used() -> None:
    ratchet = Ratchet(LAST_GENERATION - 1, SECRET)
    _, after = ratchet.seek(SUITE, LAST_GENERATION - 1, 0)
    with pytest.raises(PeerError, match="too far"):
        after.seek(SUITE, LAST_GENERATION, 0)


def test_the_keys_of_late_messages_are_bounded() -> None:
    ratchet = Ratchet(0, SECRET)
    for generation in (10, 20, 30):
        _, ratchet = ratchet.seek(SUITE, generation, 10)
    assert sorted(ratchet.late) == [19, *range(21, 30)]


def test_a_leaf_outside_is_refused() -> None:
    with pytest.raises(PeerError, match="outside"):
        tree(4).seek(4, APPLICATION, 0, 0)


def test_what_was_never_there_is_not_made_up() -> None:
    empty = SecretTree.restore(SUITE, SavedSecretTree(2, (), ()))
    with pytest.raises(MisuseError, match="gone"):
        empty.seek(0, APPLICATION, 0, 0)


def test_a_fork_moves_by_itself() -> None:
    secrets = tree()
    fork = secrets.fork()
    use(fork, 0, APPLICATION, 0)
    assert secrets.generation(0, APPLICATION) == 0
    assert fork.generation(0, APPLICATION) == 1
    use(secrets, 0, APPLICATION, 0)


@given(st.lists(st.tuples(st.integers(0, 7), st.sampled_from(RatchetKind), st.integers(0, 20))))
def test_a_restored_tree_goes_on(steps: list[tuple[int, RatchetKind, int]]) -> None:
    secrets = tree()
    for leaf, kind, generation in steps:
        try:
            use(secrets, leaf, kind, generation)
        except PeerError:
            continue
    restored = SecretTree.restore(SUITE, secrets.save())
    assert restored.save() == secrets.save()
    for leaf in range(8):
        for kind in RatchetKind:
            generation = secrets.generation(leaf, kind)
            assert use(restored, leaf, kind, generation) == use(secrets, leaf, kind, generation)


def test_keys_are_not_shown() -> None:
    found = tree().seek(0, APPLICATION, 0, 0)
    assert repr(found.key.key) not in repr(found)
    assert "secret" not in repr(found.ratchet)
