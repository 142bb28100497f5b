import pytest

from geventim.chat import log
from geventim.store import heads
from geventim.store.heads import Tip, Undoing

ALICE, BOB, CAROL, DAVE = (name.encode().ljust(16) for name in ("alice", "bob", "carol", "dave"))

BASE = Tip(3, BOB)
FIRST = Tip(5, ALICE, joined=(CAROL,))
SECOND = Tip(6, ALICE, gone=(DAVE,))
OPEN = [BASE, FIRST, SECOND]


def contested(*accounts, seq=5):
    """The open commits, of which these accounts contest one."""
    tips = OPEN
    for account in accounts:
        tips = heads.contest(tips, account, seq)
    return tips


class TestInUse:
    def test_it_is_the_newest_that_nobody_contests(self):
        assert heads.in_use([BASE]) is BASE
        assert heads.in_use(OPEN) is SECOND

    def test_nothing_counts_that_stands_on_a_contested_one(self):
        assert heads.in_use(contested(BOB)) == BASE
        assert heads.in_use(contested(BOB, seq=6)) == FIRST


class TestBuilding:
    @pytest.mark.parametrize("author", [ALICE, BOB, CAROL])
    def test_all_may_build_on_the_newest(self, author):
        assert heads.refuse(OPEN, author, 6) is None

    @pytest.mark.parametrize("head", [0, 3, 4, 5, 7])
    def test_nothing_else_may_be_built_on_while_nobody_contests(self, head):
        assert heads.refuse(OPEN, BOB, head) == log.STALE_HEAD

    def test_an_author_does_not_decide_for_a_contested_commit_of_their_own(self):
        assert heads.refuse(contested(BOB), ALICE, 6) == log.CONTESTED
        assert heads.refuse(contested(BOB), ALICE, 3) == log.CONTESTED
        assert heads.refuse(contested(BOB), CAROL, 6) is None

    def test_who_contests_does_not_decide_alone(self):
        assert heads.refuse(contested(BOB), BOB, 3) == log.CONTESTED
        assert heads.refuse(contested(BOB), CAROL, 3) is None
        assert heads.refuse(contested(BOB, CAROL), BOB, 3) is None

    def test_who_was_put_out_does_not_decide_to_stay(self):
        assert heads.refuse(contested(BOB), DAVE, 3) == log.CONTESTED
        assert heads.refuse(contested(BOB, seq=6), DAVE, 5) == log.CONTESTED

    def test_only_what_lies_right_below_a_contested_one_opens(self):
        assert heads.refuse(contested(BOB, seq=6), CAROL, 5) is None
        assert heads.refuse(contested(BOB, seq=6), CAROL, 3) == log.STALE_HEAD


class TestContest:
    def test_it_is_noted_once(self):
        assert contested(BOB, BOB, CAROL)[1].contesters == {BOB, CAROL}

    @pytest.mark.parametrize("seq", [0, 3, 4, 7])
    def test_what_is_decided_or_unknown_cannot_be_contested(self, seq):
        assert heads.contest(OPEN, BOB, seq) is None


class TestWhatIsLeft:
    def test_the_author_goes_on_being_open(self):
        assert heads.kept(OPEN, ALICE, 6) == OPEN
        assert heads.dropped(OPEN, 6) == []

    def test_somebody_else_decides(self):
        assert heads.kept(OPEN, BOB, 6) == [SECOND]
        assert heads.kept(contested(CAROL), BOB, 3) == [BASE]
        assert heads.dropped(OPEN, 3) == [FIRST, SECOND]


class TestUndo:
    def test_who_came_goes_and_who_went_comes(self):
        assert heads.undo([FIRST, SECOND]) == Undoing(frozenset({DAVE}), frozenset({CAROL}))

    def test_who_went_and_came_again_stays(self):
        tips = [Tip(5, ALICE, gone=(BOB,)), Tip(6, ALICE, joined=(BOB,))]
        assert heads.undo(tips) == Undoing(frozenset({BOB}), frozenset())

    def test_who_came_and_went_again_stays_away(self):
        tips = [Tip(5, ALICE, joined=(BOB,)), Tip(6, ALICE, gone=(BOB,))]
        assert heads.undo(tips) == Undoing(frozenset(), frozenset({BOB}))

    def test_nothing_changes_nothing(self):
        assert heads.undo([]) == Undoing(frozenset(), frozenset())
