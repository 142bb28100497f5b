import pytest

from geventim.chat.names import check_name
from geventim.errors import UserError
from geventim.terminal.prompts import ask


def test_it_asks_until_it_is_answered():
    shown = []
    answers = iter(["", "a b", UserError("not_text", "No text."), "  alice "])
    assert ask("Nick: ", shown.append, answers, check_name) == "alice"
    assert shown.count("Nick: ") == 4
    assert len(shown) == 7


def test_what_comes_after_the_answer_is_left():
    answers = iter(["alice", "hello"])
    ask("Nick: ", print, answers, check_name)
    assert list(answers) == ["hello"]


def test_no_more_lines_are_no_answer():
    shown = []
    with pytest.raises(UserError) as caught:
        ask("Nick: ", shown.append, iter([""]), check_name)
    assert caught.value.code == "no_answer"
    assert shown[-1] == "\n", "what is said about it stands in a line of its own"
