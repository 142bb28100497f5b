import pytest

from geventim.terminal.screen.configuration.looks import parse_look


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", ""),
        ("bold", "1"),
        ("Bold Italic underline dim reverse", "1;3;4;2;7"),
        ("red on bright-blue", "31;104"),
        ("208 on 16", "38;5;208;48;5;16"),
        ("#ff8800 on #000000", "38;2;255;136;0;48;2;0;0;0"),
    ],
)
def test_a_look_is_words(text, parameters):
    assert parse_look(text) == parameters


@pytest.mark.parametrize("text", ["blurple", "256", "#ff880", "#gggggg", "1;31", "²", "ff8800"])
def test_other_words_are_none(text):
    with pytest.raises(ValueError, match="^" + text.split()[0] + "$"):
        parse_look(text)
