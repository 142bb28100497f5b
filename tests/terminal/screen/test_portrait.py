from geventim.client import events
from tests.terminal.screen.play import Play, identify


def test_places_say_what_there_is_in_them(play):
    play.hear("@ana", room="lab")
    play.type("draft")
    lab, lobby, bo = play.scene().places
    assert (lab.unread, lab.mentions, lab.number) == (1, 1, 1)
    assert lobby.is_current
    assert lobby.has_draft
    assert (bo.name, bo.number, bo.unread) == ("bo", 3, 0)


def test_the_status_counts_what_is_elsewhere(play):
    play.hear("one", room="lab")
    play.hear("@ana", room="lab")
    status = play.scene().status
    assert (status.elsewhere, status.mentions, status.people) == (2, 1, 3)
    play.model.world.rooms.get(identify("lab")).muted = True
    assert play.scene().status.elsewhere == 0


def test_the_title_counts_what_calls(play):
    assert play.scene().title == "#lobby"
    play.hear("chatter", room="lab")
    play.hear("psst", room="bo")
    assert play.scene().title == "(1) #lobby"


def test_before_everything_it_is_said_that_one_connects():
    scene = Play().scene()
    assert scene.status.connection == "connecting"
    assert scene.title == "geventim"
    assert scene.status.place is None


def test_what_is_below_is_counted(play):
    for number in range(60):
        play.hear(str(number))
    play.press("page up")
    play.hear("x")
    play.tell(events.Notice("not a message"))
    assert play.scene().status.below == 1
