"""Who one is, saved from the first steps."""

from geventim.client import answers, wishes
from geventim.terminal.screen.orders import Save

SAVE = ("f2", "down", "down", "enter")


def export(play):
    (wish,) = [each for each in play.wanted() if isinstance(each, wishes.ExportIdentity)]
    play.orders.remove(wish)
    return wish


def is_done(play):
    return next(step.is_done for step in play.scene().guide if step.name == "Save who you are")


def test_it_is_done_when_the_file_is_written(play):
    play.press(*SAVE, *"secret", "enter", *"secret")
    assert "secret" not in "".join(play.lines())
    play.press("enter")
    wish = export(play)
    assert wish.passphrase == "secret"
    play.done(wish, answers.Exported(b"sealed"))
    assert play.of(Save) == [Save("ana.identity", b"sealed")]
    assert not is_done(play)
    play.model.saved("ana.identity")
    assert is_done(play)
    assert "ana.identity" in "".join(play.lines())


def test_two_passphrases_save_nothing(play):
    play.press(*SAVE, *"secret", "enter", *"secreT", "enter")
    assert not any(isinstance(each, wishes.ExportIdentity) for each in play.wanted())
    assert "two passphrases" in "".join(play.lines())


def test_who_gives_up_saves_nothing(play):
    for keys in (["esc"], ["enter"], ["a", "enter", "esc"]):
        play.press(*SAVE, *keys)
        assert play.scene().overlay is None
    assert not any(isinstance(each, wishes.ExportIdentity) for each in play.wanted())


def test_why_it_was_refused_is_said(play):
    play.press(*SAVE, "a", "enter", "a", "enter")
    play.refused(export(play), "You have moved out.")
    assert "You have moved out." in "".join(play.lines())
    assert not is_done(play)
