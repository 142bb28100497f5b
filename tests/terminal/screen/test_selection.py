from geventim.client import wishes
from geventim.terminal.screen.orders import Copy


def selected(play):
    key = play.scene().selected
    lines = play.scene().view.lines
    return next((line.text for line in lines if key and line.key == key), None)


def test_up_in_an_empty_input_selects_messages(play):
    for text in ["one", "two", "three"]:
        play.hear(text)
    play.press("up")
    assert selected(play) == "three"
    play.press("up", "up", "up")
    assert selected(play) == "one"
    play.press("down", "down")
    assert selected(play) == "three"
    play.press("down")
    assert selected(play) is None


def test_there_is_nothing_to_select(play):
    play.press("up")
    assert play.scene().selected == ""


def test_what_is_selected_is_seen(play):
    for number in range(100):
        play.hear(f"text {number}")
    play.press(*["up"] * 60)
    assert selected(play) == "text 40"


def test_typing_goes_on_in_the_input(play):
    play.hear("one")
    play.press("up", "H", "i")
    assert play.input == "Hi"
    assert play.scene().selected == ""


def test_it_is_copied(play):
    play.hear("take\nthis")
    play.press("up", "c")
    assert [order.text for order in play.of(Copy)] == ["take\nthis"]
    assert "take" not in repr(play.of(Copy))


def test_it_is_quoted(play):
    play.hear("one\ntwo")
    play.press("up", "q")
    assert play.input == "> one\n> two\n"


def test_one_asks_who_that_is(play):
    play.hear("one", nick="cy")
    play.press("up", "w")
    assert [wish.nick for wish in play.of(wishes.Whois)] == ["cy"]


def test_a_message_that_is_gone_is_not_selected(play):
    play.hear("one")
    play.press("up")
    play.model.world.timeline.remove(play.scene().selected)
    assert play.scene().selected == ""
    play.press("esc")
