from geventim.client import events


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
    assert rows(play) == (("cy", "a red herring"), ("bo", "the red fox"))
    play.press(*" bo")
    assert rows(play) == (("bo", "the red fox"),)
    play.press("enter")
    assert play.scene().overlay is None
    key = play.scene().selected
    assert next(line.text for line in play.scene().view.lines if line.key == key) == "the red fox"
