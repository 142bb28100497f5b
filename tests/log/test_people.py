"""What every store decides alike about people."""

import pytest

from geventim.chat.values import Account, Sanction, Status
from geventim.log.outcomes import ACCOUNT_ENDED
from geventim.log.people import Invite, Register, admits, is_repeated, sanctioned

ALICE, BOB = b"a" * 16, b"b" * 16
ACCOUNT = Account(ALICE, "alice", b"i" * 32, b"c" * 32)


@pytest.mark.parametrize(
    ("new", "repeated"),
    [
        (Account(ALICE, "Alice", b"i" * 32, b"c" * 32, Status.DND, operator=True), True),
        (Account(BOB, "alice", b"i" * 32, b"c" * 32), False),
        (Account(ALICE, "bob", b"i" * 32, b"c" * 32), False),
        (Account(ALICE, "alice", b"j" * 32, b"c" * 32), False),
        (Account(ALICE, "alice", b"i" * 32, b"d" * 32), False),
    ],
)
def test_repeated_registration_has_the_same_keys_and_nick(new: Account, repeated: bool) -> None:
    assert is_repeated(ACCOUNT, new) is repeated


def test_an_invite_lets_in_before_its_end() -> None:
    def register(time: float) -> Register:
        return Register(ACCOUNT, "code", time=time)

    assert [admits(Invite(1, 5.0), register(time)) for time in (4.0, 5.0)] == [True, False]
    assert not admits(None, register(0.0))


def test_who_is_removed_is_no_operator_and_stays_removed() -> None:
    operator = Account(ALICE, "alice", b"i" * 32, b"c" * 32, operator=True)
    muted = sanctioned(operator, Sanction.MUTED)
    assert isinstance(muted, Account)
    assert muted.operator
    removed = sanctioned(operator, Sanction.REMOVED)
    assert isinstance(removed, Account)
    assert not removed.operator
    assert sanctioned(removed, Sanction.NONE) == ACCOUNT_ENDED
    released = sanctioned(removed, Sanction.RELEASED)
    assert isinstance(released, Account)
    assert sanctioned(released, Sanction.REMOVED) == released
