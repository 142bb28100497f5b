from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.conversation.items import Remark, Said, Tone, Traffic

NICKS = st.lists(st.sampled_from(["ana", "bo", "cy"]), unique=True, max_size=3).map(tuple)


def test_who_came_and_went_again_did_neither():
    came = Traffic("a", 1.0, came=("ana", "bo"))
    assert came.joined_by(Traffic("b", 2.0, went=("ana",))) == Traffic("a", 1.0, came=("bo",))


def test_who_was_lost_and_came_back_did_neither():
    went = Traffic("a", 1.0, went=("ana",))
    assert went.joined_by(Traffic("b", 2.0, came=("ana",))) == Traffic("a", 1.0)


@given(NICKS, NICKS)
def test_nobody_is_named_twice(came, went):
    together = Traffic("a", 1.0, came, ()).joined_by(Traffic("b", 2.0, went, came))
    assert len(set(together.came + together.went)) == len(together.came + together.went)


def test_repr_shows_nothing_of_what_was_said():
    assert "secret" not in repr(Said("k", "bo", "a secret", 1.0))


def test_what_is_told_at_the_same_time_is_one_remark():
    first = Remark("a", 1.0, "one")
    assert first.joined_by(Remark("b", 1.5, "two")) == Remark("a", 1.0, "one\ntwo")
    assert first.joined_by(Remark("b", 9.0, "two")) is None
    assert first.joined_by(Remark("b", 1.0, "two", Tone.PROBLEM)) is None
    assert Remark("a", 1.0, "\n" * 99).joined_by(first) is None
