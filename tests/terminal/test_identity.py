import re
from dataclasses import replace

import pytest

from geventim.app.settings import Settings
from geventim.app.state import State, load_profile
from geventim.chat.links import Link
from geventim.errors import UserError
from geventim.terminal import identity
from geventim.terminal.identity import change_passphrase, export_identity, import_identity

KEY = b"k" * 32


class Answers:
    """Stands for a person who is asked for passphrases."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.questions = []

    def ask(self, question):
        self.questions.append(question)
        return self.answers.pop(0)

    def choose(self, question, *, may_be_empty=False):
        return self.ask(question)


pytestmark = pytest.mark.usefixtures("cheap_passphrases")


@pytest.fixture
def settings(tmp_path):
    made = Settings(Link("127.0.0.1", 5555), "alice", "lobby", tmp_path / "old")
    state = State(made, lambda _: None)
    state.trust(KEY)
    vault = state.open_vault(KEY)
    load_profile(made, KEY, vault)
    vault.close()
    return made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "alice.identity"


@pytest.fixture
def new(tmp_path):
    return tmp_path / "new"


def is_locked(data):
    return State(Settings(Link("127.0.0.1", 5555), "alice", "", data), print).locked


def test_a_key_that_is_made_is_shown_once_and_opens(settings, path, new, capsys):
    export_identity(settings, path, None)
    key = re.search("key, .*: ([a-z2-7 ]{32})$", capsys.readouterr().out, re.MULTILINE)[1]
    import_identity(path, new, [key], None, locked=False)
    shown = capsys.readouterr().out
    assert "alice at 127.0.0.1:5555" in shown
    assert key not in shown
    assert not is_locked(new)


def test_a_passphrase_is_not_shown(settings, path, new, capsys):
    export_identity(settings, path, Answers("open sesame"))
    import_identity(path, new, [], Answers("open sesame", "words"), locked=True)
    shown = capsys.readouterr().out
    assert "sesame" not in shown
    assert "key" not in shown
    assert is_locked(new)


def test_no_passphrase_means_a_key(settings, path, capsys):
    export_identity(settings, path, Answers(""))
    assert "not shown again" in capsys.readouterr().out


@pytest.mark.parametrize("lines", [[], [UserError("not_text", "No text.")]])
def test_without_an_answer_nothing_is_imported(settings, path, new, lines):
    export_identity(settings, path, Answers("open sesame"))
    with pytest.raises(UserError) as caught:
        import_identity(path, new, lines, None, locked=False)
    assert caught.value.code == "no_answer"
    assert not new.exists()


def test_nothing_is_shown_of_a_file_that_was_not_made(settings, path, capsys):
    path.touch()
    with pytest.raises(UserError):
        export_identity(settings, path, None)
    assert capsys.readouterr().out == ""


def test_another_passphrase_or_none(settings, capsys):
    for answer, said in [("open sesame", "new passphrase"), ("", "without a passphrase")]:
        passphrase = "open sesame" if is_locked(settings.data) else None
        answers = Answers(answer)
        change_passphrase(replace(settings, passphrase=passphrase), answers)
        assert answers.questions == ["New passphrase of alice (empty: none): "]
        shown = capsys.readouterr().out
        assert said in shown
        assert "sesame" not in shown
        assert is_locked(settings.data) == bool(answer)


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(28, "No space left on device")])
def test_a_key_that_nobody_gets_leaves_no_file(settings, path, monkeypatch, error):
    def fail(_):
        raise UserError("output", "The output cannot be written.") from error

    monkeypatch.setattr(identity, "hand_over", fail)
    with pytest.raises(UserError, match="cannot be written"):
        export_identity(settings, path, None)
    assert not path.exists()


@pytest.mark.parametrize("fault", ["file", "directory", "user"])
def test_no_passphrase_is_asked_for_in_vain(settings, path, fault):
    answers = Answers("open sesame")
    if fault == "file":
        path.touch()
    elif fault == "directory":
        path = path.parent / "missing" / path.name
    else:
        settings = replace(settings, nick="nobody")
    with pytest.raises(UserError):
        export_identity(settings, path, answers)
    assert answers.questions == []


def test_how_to_connect_names_the_directory_that_was_named(settings, path, new, capsys):
    export_identity(settings, path, Answers("open sesame"))
    answers = Answers("open sesame")
    import_identity(path, new, [], answers, locked=False, named="a b")
    assert capsys.readouterr().out.endswith("eim-client 127.0.0.1:5555 --nick alice --data 'a b'\n")
