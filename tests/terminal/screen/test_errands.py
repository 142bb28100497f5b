from geventim.chat.values import Kind
from geventim.client import answers, events, wishes
from geventim.client.answers import Done, Refusal, Refused, Result
from geventim.client.said.aside import Attachment
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.orders import Browse, Leave
from tests.terminal.screen.play import conversation


def send(play, text):
    play.type(text)
    play.press("enter")


def one(play, kind):
    (found,) = play.of(kind)
    play.orders.remove(found)
    return found


def remarks(play):
    return [getattr(item, "text", "") for item in play.model.world.timeline.items]


def test_a_line_is_about_where_it_was_typed(play):
    play.press("meta 1")
    play.supply()
    send(play, "/leave")
    assert one(play, wishes.Find).name in {"lab", "#lab"}


def test_what_comes_of_it_is_told(play):
    send(play, "/whois bo")
    wish = one(play, wishes.Whois)
    play.tell(events.Notice("about bo"))
    play.refused(wish, "Nobody is called so.")
    assert play.input == "/whois bo"
    assert "Nobody is called so." in play.scene().input.hint
    assert remarks(play) == ["[Server]: about bo"]


def test_a_wrong_line_comes_back_at_once(play):
    send(play, "/whois")
    assert play.input == "/whois"
    assert "Usage: @whois NICK" in play.scene().input.hint
    assert play.scene().input.is_problem
    assert play.orders == []


def test_what_one_types_by_then_is_not_touched(play):
    send(play, "/whois bo")
    play.type("next")
    play.refused(one(play, wishes.Whois), "Nobody is called so.")
    assert play.input == "next"
    assert any("Nobody is called so." in text for text in remarks(play))


def test_nobody_hears_what_is_said_to_nobody(play):
    send(play, "@nobody psst")
    wish = one(play, wishes.Say)
    assert wish.to == "@nobody"
    play.model.take(Refused(wish.id, Refusal("user_not_found", "User 'nobody' not found.", False)))
    play._gather()
    play.done(one(play, wishes.Contacts), answers.Nicks(("bo",)))
    assert play.input == "@nobody psst"
    assert "User 'nobody' not found." in play.scene().input.hint
    assert play.said() == []


def test_a_room_that_is_entered_is_gone_to(play):
    send(play, "/join den")
    wish = one(play, wishes.Join)
    play.done(wish, conversation("den"))
    assert play.scene().status.place.name == "den"


def test_a_key_that_is_asked_for_is_not_seen_and_said_to_nobody(play):
    send(play, "/open 3")
    play.done(one(play, wishes.Secrets), answers.Secrets((3,)))
    assert "key of secret #3" in play.scene().overlay.title
    play.type("sesame")
    assert "sesame" not in "\n".join(play.lines())
    play.press("enter")
    opening = one(play, wishes.OpenSecret)
    assert (opening.number, opening.key) == (3, "sesame")
    play.model.take(Refused(opening.id, Refusal("wrong_key", "Wrong key.", False)))
    assert play.scene().overlay is not None
    play.press("esc")
    assert play.scene().overlay is None
    assert play.said() == []


def test_quitting_leaves(play):
    send(play, "/quit")
    assert len(play.of(Leave)) == 1


def test_what_is_none_of_ours_is_let_through(play):
    errands = play.model._errands
    told = Done("screen 99", Result())
    assert list(errands.take(told)) == [told]
    assert errands.owns("line 1")
    assert not errands.owns("screen 1")


def test_a_browser_is_led_here(play):
    send(play, "/web")
    one(play, Browse)
    assert play.orders == []


def test_files_that_come_are_seen_where_they_stand_alone(play):
    message = play.hear("look", files=(Attachment("a.pdf", "", 5),))
    assert remarks(play) == ["look"]
    send(play, "/files")
    found = (*("lobby", ContentKind.ROOM, "bo", "look", 0.0, 1), False, "", message, 1)
    files = (Attachment("a.pdf", "", 5),)
    written = answers.Written(*found, files=files)
    play.done(one(play, wishes.Search), answers.Messages((written,), damaged=False))
    play.done(one(play, wishes.Transfers), answers.Transfers(()))
    assert remarks(play)[1] == "File 1: a.pdf, 5 bytes, from bo in lobby"


def test_help_with_everything_is_a_page(play):
    send(play, "/help")
    assert play.scene().overlay.title == "Keys and commands"
    assert play.input == ""
    play.press("esc")
    send(play, "/help names")
    assert "@names" in remarks(play)[0]


def test_who_makes_a_group_is_there(play):
    send(play, "/group set friends bo")
    wish = one(play, wishes.CreateGroup)
    listed = conversation("friends", Kind.GROUP)
    fields = {field: getattr(listed, field) for field in listed.__struct_fields__}
    play.tell(Done(wish.id, answers.Created(**fields, present=("ana", "bo"))))
    assert play.model.world.rooms.current.title == "#friends"


def test_a_room_that_is_not_there_can_be_made(play):
    send(play, "/join den")
    play.refused(one(play, wishes.Join), "There is no room 'den'.", code="no_room")
    assert "Make it?" in play.scene().overlay.title
    assert remarks(play) == []
    play.type("y")
    play.press("enter")
    assert one(play, wishes.CreateRoom).name == "den"


def test_what_is_made_or_left_is_looked_up(play):
    play.orders.clear()
    play.model.take(Done("line 9", conversation("den", stage="absent")))
    assert any(isinstance(each, wishes.Conversations) for each in play.model.drain())
