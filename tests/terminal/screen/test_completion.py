import pytest

from geventim.lines.commands.catalog import COMMANDS
from geventim.terminal.screen.completion import SHOWN, Completion, Known
from geventim.terminal.screen.model import Model
from geventim.terminal.screen.typed.editor import Editor

KNOWN = Known(
    ("anna", "bo", "boris"),
    ("lobby", "lab"),
    {
        "names": ("@names [CONVERSATION]", "lists"),
        "status": ("@status [normal|dnd|away]", "says"),
        "whois": ("@whois NICK", "tells"),
        "join": ("@join NAME [KEY]", "enters"),
    },
)


def completing(text):
    editor = Editor()
    cursor = text.index("|") if "|" in text else len(text)
    editor.set(text.replace("|", ""), cursor)
    return editor, Completion(editor, lambda: KNOWN)


def names(completion):
    choices = completion.choices()
    return [] if choices is None else [each.name for each in choices.choices]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("hello @bor", "hello @boris "),
        ("hello bor", "hello boris "),
        ("@bor", "@boris "),
        ("/na", "/names "),
        ("@na", "@names "),
        ("#la", "#lab "),
        ("/names lo", "/names lobby "),
        ("/whois an", "/whois anna "),
        ("/status d", "/status dnd "),
        ("see :smile", "see 😄 "),
        ("an|x rest", "anna x rest"),
    ],
)
def test_tab_completes_the_word(before, after):
    editor, completion = completing(before)
    completion.step(1)
    if "|" in before:
        assert editor.text.startswith("anna ")
        return
    assert editor.text == after
    assert editor.cursor == len(after)


def test_tab_goes_through_all_that_fits_and_back():
    editor, completion = completing("x @bo")
    # 'bo' is there as it was typed.
    completion.step(1)
    assert editor.text == "x @boris "
    editor, completion = completing("x b")
    for expected in ["x bo ", "x boris ", "x bo "]:
        completion.step(1)
        assert editor.text == expected
    completion.step(-1)
    assert editor.text == "x boris "


def test_typing_ends_it():
    editor, completion = completing("x b")
    completion.step(1)
    editor.insert("y")
    completion.step(1)
    assert editor.text == "x bo y"


def test_a_sign_shows_what_there_is():
    _, completion = completing("hey @")
    assert names(completion) == ["@anna", "@bo", "@boris"]
    _, completion = completing("/")
    assert "/names" in names(completion)
    _, completion = completing("plain words")
    assert completion.choices() is None
    _, completion = completing("/names ")
    assert names(completion) == ["lobby", "lab"]


def test_a_smile_needs_two_letters():
    _, completion = completing(":s")
    assert completion.choices() is None
    _, completion = completing("12:30")
    assert completion.choices() is None
    _, completion = completing(":sm")
    assert len(names(completion)) == SHOWN


def test_the_chosen_one_is_among_those_that_are_shown():
    _, completion = completing(":sm")
    for _ in range(SHOWN + 3):
        completion.step(1)
    choices = completion.choices()
    assert 0 <= choices.chosen < len(choices.choices)


def test_nothing_fits():
    editor, completion = completing("zz")
    completion.step(1)
    assert editor.text == "zz"


def test_paths_are_completed_where_one_is_meant():
    found = ("~/a b.pdf", "~/abc/")
    known = Known(
        commands={"send": ("@send NAME PATH", "sends")},
        paths=lambda text: tuple(each for each in found if each.startswith(text)),
    )
    editor = Editor()
    editor.set("/send lobby ~/ab")
    completion = Completion(editor, lambda: known)
    completion.step(1)
    assert editor.text == "/send lobby ~/abc/"
    editor.set("/send lobby ~/a")
    completion.step(1)
    assert editor.text in {"/send lobby ~/a b.pdf ", "/send lobby ~/abc/"}
    assert len(completion.choices().choices) == 2


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [("/l", "/leave "), ("/j", "/join "), ("/sen", "/send "), ("b", "bo "), ("@b", "@bo ")],
)
def test_a_few_letters_are_enough(play, typed, becomes):
    everything = {name: (each.usage, each.help) for name, each in COMMANDS.items()}
    model = Model("ana", "lobby", lambda: play.now, everything)
    play.model = model
    play.enter()
    play.type(typed)
    play.press("tab")
    assert play.input == becomes
