from geventim.client import events
from geventim.terminal.screen.conversation.moments import moment


def rows(play):
    return play.scene().overlay.rows


def test_the_palette_has_conversations_people_and_commands(play):
    play.tell(events.Joined("eve"))
    play.hear("hello", room="lab")
    play.press("ctrl p")
    names = [name for name, _ in rows(play)]
    assert names[:2] == ["#lab", "@bo"]
    assert "@eve" in names
    assert "/names [CONVERSATION]" in names
    assert "@ana" not in names
    assert rows(play)[0][1] == "1 new"


def test_a_command_is_begun_in_the_input(play):
    play.type("old")
    play.press("ctrl p", *"/names", "enter")
    assert play.input == "/names old"
    assert play.scene().overlay is None


def test_help_has_the_commands(play):
    play.press("f1")
    assert ("/whois NICK", "says what is known of somebody") in rows(play)
    play.press("f1")
    assert play.scene().overlay is None


def test_a_search_finds_words_and_authors_newest_first(play):
    play.hear("the red fox")
    play.hear("a red herring", nick="cy")
    play.hear("green")
    play.press("ctrl f", *"red")
    day = f"{moment(play.now):%Y-%m-%d %H:%M}"
    assert rows(play) == ((f"{day}  cy", "a red herring"), (f"{day}  bo", "the red fox"))
    play.press(*" bo")
    assert rows(play) == ((f"{day}  bo", "the red fox"),)
    play.press("enter")
    assert play.scene().overlay is None
    key = play.scene().selected
    assert next(line.text for line in play.scene().view.lines if line.key == key) == "the red fox"


def found(play):
    scene = play.scene()
    return next(line.text for line in scene.view.lines if line.key == scene.selected)


def test_finds_are_gone_through_where_they_were_said(play):
    for number in range(60):
        play.hear("red" if number % 20 == 0 else "words", date=play.now + number)
    play.press("ctrl f", *"red", "enter")
    keys = [play.scene().selected]
    for key in "nnnNNN":
        play.press(key)
        assert found(play) == "red"
        keys.append(play.scene().selected)
    assert keys[0] == keys[5] == keys[6]
    assert keys[1] == keys[4]
    assert keys[2] == keys[3]
    assert play.scene().input.hint == "No newer find."


def test_what_was_found_is_seen_with_what_is_around_it(play):
    for number in range(60):
        play.hear(f"text {number}")
    play.press("ctrl f", *"text 30", "enter")
    texts = play.texts()
    assert {"text 25", "text 30", "text 35"} <= set(texts)
    play.press("up", "up", "up", "up", "up", "up", "up", "up", "up", "ctrl g")
    assert {"text 16", "text 21", "text 26"} <= set(play.texts())


def test_where_nothing_was_searched_nothing_is_found(play):
    play.hear("red")
    play.press("up", "n")
    assert play.scene().input.hint == "Nothing was searched here."


def test_who_is_here_is_listed_on_any_screen(play):
    play.press("f3")
    assert rows(play) == (
        ("@ana", "you"), ("@bo", "normal, unverified"), ("@cy", "normal, unverified"),
    )  # fmt: skip
    play.press("enter")
    assert play.scene().overlay is None
    play.press("f3", "down", "enter")
    assert play.scene().status.place.name == "bo"
