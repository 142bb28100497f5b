"""Searching here, and going from find to find."""


def test_finds_are_gone_through_with_n(play):
    for text in ("red one", "blue", "red two", "red three"):
        play.hear(text)
    play.press("ctrl f", *"red")
    assert [right for _, right in play.scene().overlay.rows] == ["red three", "red two", "red one"]
    play.press("enter")
    chosen = [play.model._travel.selection.message.text]
    for key in ("n", "n", "N"):
        play.press(key)
        chosen.append(play.model._travel.selection.message.text)
    assert chosen == ["red three", "red two", "red one", "red two"]
    play.press("n", "n")
    assert play.scene().input.hint == "No older find."


def test_where_nothing_was_searched_there_is_nothing_to_go_to(play):
    play.hear("red")
    play.press("up", "n")
    assert play.scene().input.hint == "Nothing was searched here."
