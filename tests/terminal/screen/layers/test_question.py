import pytest

from geventim.terminal.screen.layers.question import Prompt, Question
from tests.terminal.screen.layers.keyboard import press


class TestQuestion:
    def test_it_shows_how_much_and_the_beginning(self):
        asked = Question.about_paste("\n".join(map(str, range(100))), lambda: None).overlay()
        assert asked.title == "Paste 100 lines, 289 bytes?"
        assert asked.rows[0] == ("0", "")
        assert asked.rows[-1] == ("… and 88 more lines", "")

    @pytest.mark.parametrize(("key", "taken"), [("enter", 1), ("y", 1), ("esc", 0), ("n", 0)])
    def test_it_is_answered(self, key, taken):
        accepted = []
        question = Question.about_paste("text", lambda: accepted.append(1))
        assert press(question, "x")
        assert not press(question, key)
        assert len(accepted) == taken


def test_something_else_is_done_instead():
    done = []
    question = Question("Which?", ["a"], lambda: done.append(1), lambda: done.append(2))
    assert not press(question, "n")
    assert done == [2]


class TestPrompt:
    def test_what_is_typed_is_not_seen(self):
        answers = []
        secret = Prompt("Passphrase", answers.append, hidden=True)
        press(secret, "a", "b")
        secret.paste("cd")
        assert secret.overlay().typed == "••••"
        assert not press(secret, "enter")
        assert answers == ["abcd"]

    def test_what_is_no_secret_is_seen(self):
        question = Prompt("Name", lambda _: None)
        question.paste("a\nb")
        assert question.overlay().typed == "a b"

    def test_it_can_be_left(self):
        answers = []
        assert not press(Prompt("Passphrase", answers.append), "a", "esc")
        assert answers == [None]
