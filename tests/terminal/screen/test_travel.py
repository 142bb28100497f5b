from geventim.client import answers, events, wishes
from geventim.terminal.screen.conversation.items import New
from tests.terminal.screen.play import identify


def here(play):
    return play.scene().status.place.name


def test_numbers_go_there(play):
    play.press("meta 1")
    assert here(play) == "lab"
    play.press("meta 3")
    assert here(play) == "bo"
    play.press("meta 9")
    assert here(play) == "bo"


def test_one_goes_through_the_list(play):
    seen = []
    for _ in range(3):
        play.press("meta down")
        seen.append(here(play))
    assert seen == ["bo", "lab", "lobby"]
    play.press("meta up")
    assert here(play) == "lab"


def test_one_goes_where_something_is_new(play):
    play.hear("hello", room="lab")
    play.hear("psst", room="bo")
    play.hear("@ana", room="bo")
    play.press("meta a")
    assert here(play) == "bo"
    play.press("meta a")
    assert here(play) == "lab"
    play.press("meta a")
    assert here(play) == "lab"


def test_the_place_is_kept(play):
    for number in range(100):
        play.hear(str(number))
    play.press("page up", "page up")
    before = play.texts()
    play.press("meta 1", "meta 2")
    assert play.texts() == before
    play.press("meta >")
    assert play.texts()[-1] == "99"


def test_what_came_meanwhile_stands_below_the_new_line(play):
    play.hear("read")
    play.press("meta 1")
    play.hear("new")
    play.press("meta 2")
    kinds = [type(line) for line in play.scene().view.lines]
    assert kinds[-2] is New
    assert play.model.world.rooms.current.unread == 0
    play.press("esc")
    assert New not in {type(line) for line in play.scene().view.lines}


def test_what_comes_while_one_looks_away_is_new(play):
    play.hear("read")
    play.model.focus(False)
    play.hear("new")
    assert play.scene().places[1].unread == 1
    play.model.focus(True)
    assert New() in play.scene().view.lines
    assert play.scene().places[1].unread == 0


def test_what_is_selected_is_seen_in_any_size(play):
    for number in range(60):
        play.hear(f"text {number}")
    play.press(*["up"] * 12)
    play.resize(40, 10)
    assert any("text 48" in line for line in play.lines())


def test_a_page_keeps_two_rows(play):
    for number in range(200):
        play.hear(str(number))
    first = play.texts()
    play.press("page up")
    assert play.texts()[-2:] == first[:2]
    play.press("page down")
    assert play.texts() == first
    play.press("meta <")
    assert play.texts()[0] == "0"
    play.press("esc")
    assert play.texts() == first


def test_a_conversation_with_somebody_is_begun(play):
    play.tell(events.Joined("eve"))
    play.press("ctrl p", *"@eve", "enter")
    (wish,) = [each for each in play.wanted() if isinstance(each, wishes.OpenDm)]
    play.orders.clear()
    play.places["eve"] = play.places["bo"]
    play.done(wish, answers.Result())
    (listing,) = [each for each in play.wanted() if isinstance(each, wishes.Conversations)]
    play.done(listing, play.conversations())
    assert here(play) == "eve"
    assert play.scene().places[-1].name == "eve"
    assert identify("eve") == play.model.world.rooms.current.id


def test_nobody_is_talked_to_who_is_not_there(play):
    play.tell(events.Joined("eve"))
    play.press("ctrl p", *"@eve", "enter")
    (wish,) = [each for each in play.wanted() if isinstance(each, wishes.OpenDm)]
    play.refused(wish, "User 'eve' not found.")
    assert play.scene().view.lines[-1].text == "User 'eve' not found."
    assert here(play) == "lobby"
