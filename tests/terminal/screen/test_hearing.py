import pytest

from geventim.chat.values import Kind, Status
from geventim.client import events, stream
from geventim.client.events import Departure
from geventim.client.people.trust import News
from geventim.client.said.aside import Count, Quote
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.attention import Attention, Level, Preview
from geventim.terminal.screen.conversation.items import Delivery, Remark, Said, Tone, Traffic
from geventim.terminal.screen.orders import Alert
from tests.terminal.screen.play import Play, conversation, identify


def room(play, name="lobby"):
    return play.model.world.rooms.get(identify(name))


def items(play, name="lobby"):
    return room(play, name).timeline.items


def test_a_message_stands_in_its_conversation(play):
    play.hear("hello", room="lab")
    (said,) = items(play, "lab")
    assert (said.author, said.text, said.mine) == ("bo", "hello", False)
    assert items(play) == []


def test_what_comes_elsewhere_is_unread_and_a_call_is_counted(play):
    play.hear("hello", room="lab")
    play.hear("@ana look", room="lab")
    assert (room(play, "lab").unread, room(play, "lab").mentions) == (2, 1)
    play.hear("here")
    assert room(play).unread == 0


def test_what_comes_below_is_unread(play):
    for number in range(60):
        play.hear(str(number))
    play.press("page up")
    play.hear("below")
    assert room(play).unread == 1
    play.press("meta >")
    assert room(play).unread == 0


def test_why_somebody_is_away_stands_where_one_wrote_to_them(play):
    play.hear("hello", room="lab")
    play.tell(events.Away("bo", "back at five", "", "lab", identify("lab")))
    assert items(play, "lab")[-1].text == "bo is away: back at five"
    play.tell(events.Away("bo", "", "", "lab", identify("lab")))
    assert len(items(play, "lab")) == 2


def test_what_is_told_again_is_not_news(play):
    play.hear("old", room="lab", history=True)
    assert room(play, "lab").unread == 0
    assert play.of(Alert) == []


def test_what_was_told_twice_is_there_once(play):
    message_id = play.hear("hello")
    play.hear("hello", message_id=message_id)
    assert len(items(play)) == 1


@pytest.mark.parametrize(("nick", "text"), [("cy", "hello"), ("bo", "another"), ("ana", "mine")])
def test_nobody_replaces_a_message_by_its_id(play, nick, text):
    message_id = play.hear("hello")
    play.hear(text, nick=nick, message_id=message_id)
    assert [(each.author, each.text) for each in items(play)] == [("bo", "hello"), (nick, text)]
    assert items(play)[0].key != items(play)[1].key


def test_an_alert_is_for_whom_one_does_not_look_at(play):
    play.hear("psst", room="bo")
    play.hear("@ana you", room="lab")
    play.hear("chatter", room="lab")
    play.hear("@ana here")
    assert [alert.title for alert in play.of(Alert)] == ["bo", "bo in #lab"]
    play.model.focus(False)
    play.hear("@ana again")
    assert len(play.of(Alert)) == 3


def test_a_muted_one_calls_nobody(play):
    room(play, "lab").muted = True
    play.hear("@ana you", room="lab")
    assert play.of(Alert) == []
    assert room(play, "lab").mentions == 1


def test_who_wants_quiet_is_not_called():
    play = Play(attention=Attention(quiet=True)).enter()
    play.hear("psst", room="bo")
    assert play.of(Alert) == []
    assert room(play, "bo").unread == 1


@pytest.mark.parametrize("state", ["queued", "sent", "refused"])
def test_a_message_of_the_user_says_how_far_it_is(play, state):
    message_id = play.hear("hello", nick="ana", delivery=events.Delivery.QUEUED)
    assert items(play)[0].delivery is Delivery.QUEUED
    play.hear("hello", nick="ana", message_id=message_id, delivery=events.Delivery(state))
    assert [item.delivery.value for item in items(play)] == [state]


def about(message_id):
    return {"conversation_id": identify("lobby"), "message_id": message_id, "order": 1}


def test_an_edited_message_says_something_else(play):
    message_id = play.hear("helo")
    edited = events.Edited("lobby", ContentKind.ROOM, "bo", "hello", 2, **about(message_id))
    play.tell(edited)
    assert (items(play)[0].text, items(play)[0].edited) == ("hello", True)
    play.tell(events.Edited("lobby", ContentKind.ROOM, "bo", "x", 3, **about(identify("none"))))
    assert len(items(play)) == 1


def test_a_deleted_message_is_not_shown(play):
    message_id = play.hear("oops")
    play.tell(events.Deleted("lobby", "bo", **about(message_id)))
    assert (items(play)[0].text, items(play)[0].deleted_by) == ("", "bo")
    play.tell(events.Deleted("lobby", "", **about(message_id)))
    assert items(play) == []


def test_what_answers_a_message_quotes_it_as_it_is(play):
    message_id = play.hear("oops")
    play.hear("what?", reply=Quote(message_id, "bo", "oops"))
    assert items(play)[-1].quoted.excerpt == "oops"
    play.tell(events.Edited("lobby", ContentKind.ROOM, "bo", "soups", 3, **about(message_id)))
    assert items(play)[-1].quoted.excerpt == "soups"
    play.tell(events.Deleted("lobby", "bo", **about(message_id)))
    assert not items(play)[0].edited
    assert not any("oops" in line or "soups" in line for line in play.lines())
    assert any("↪ bo: (deleted)" in line for line in play.lines())


def test_nothing_is_quoted_of_what_has_had_its_time(play):
    play.hear("what?", reply=Quote(identify("older"), "bo", "a secret"))
    play.tell(events.Deleted("lobby", "", **about(identify("older"))))
    assert not any("secret" in line for line in play.lines())


def test_what_was_queued_stands_where_it_does_for_everybody(play):
    play.type("mine")
    play.press("enter")
    (wish,) = play.said()
    play.hear("theirs")
    play.model.remark("a remark")
    play.hear("mine", nick="ana", request=wish.id)
    texts = [item.text for item in items(play)]
    assert texts == ["theirs", "mine", "a remark"]


def test_reactions_stand_beside_it(play):
    message_id = play.hear("good")
    counts = (Count("👍", ("cy", "dan")), Count("❤️", ("cy",)))
    play.tell(events.Reacted("lobby", "cy", "👍", counts, **about(message_id)))
    assert items(play)[0].reactions == (("👍", 2), ("❤️", 1))


def test_a_conversation_that_is_gone_is_not_listed(play):
    gone = conversation("lab")
    fields = {field: getattr(gone, field) for field in gone.__struct_fields__}
    place, name = fields.pop("id"), fields.pop("name")
    play.tell(
        events.ConversationChanged(conversation=name, conversation_id=place, **fields, gone=True)
    )
    assert [place.name for place in play.scene().places] == ["lobby", "bo"]


def test_members_are_asked_for_where_their_number_is_another(play):
    play.change("lobby", members=3)
    assert play.wanted() == []
    play.change("lobby", members=4)
    assert any(type(wish).__name__ == "Members" for wish in play.wanted())


def test_a_conversation_that_is_not_known_is_asked_about(play):
    play.hear("hello", room="new")
    assert room(play, "new").kind is Kind.ROOM
    assert "Conversations" in {type(wish).__name__ for wish in play.wanted()}


def test_a_private_line_appears_where_it_went(play):
    sent = events.Sent(
        identify("m"), 3, "bo", ContentKind.PRIVATE, "psst", conversation_id=identify("bo")
    )
    play.tell(sent)
    play.tell(sent)
    (said,) = items(play, "bo")
    assert (said.text, said.mine, said.delivery) == ("psst", True, Delivery.SENT)


def test_a_secret_that_was_sent_is_not_repeated(play):
    play.tell(
        events.Sent(identify("m"), 3, "bo", ContentKind.SECRET, "", conversation_id=identify("bo"))
    )
    assert items(play, "bo") == []


def test_who_comes_and_goes_is_told_where_they_are(play):
    play.tell(events.Left("cy", Departure.LOST))
    play.tell(events.Joined("stranger"))
    assert [type(item) for item in items(play)] == [Traffic]
    assert items(play)[0].went == ("cy",)
    assert "cy" not in play.model.world.present


def test_another_status_is_seen(play):
    play.tell(events.StatusChanged("bo", Status.DND))
    play.tell(events.StatusChanged("ana", Status.AWAY))
    people = {person.nick: person.status for person in play.scene().people}
    assert people["bo"] == "dnd"
    assert play.scene().status.own_status == "away"


def test_members_that_come_are_asked_for_again(play):
    play.tell(events.Members("lobby", ("dan",), (), "dan", conversation_id=identify("lobby")))
    assert items(play)[0].came == ("dan",)
    assert any(type(wish).__name__ == "Members" for wish in play.wanted())


def test_somebody_who_was_put_out_is_told_with_who_did_it(play):
    play.tell(events.Members("lobby", (), ("cy",), "bo", conversation_id=identify("lobby")))
    (said,) = items(play)
    assert isinstance(said, Remark)
    assert "cy left 'lobby' by bo" in said.text


def test_a_warning_is_a_problem(play):
    play.tell(events.KeyChanged("bo", "key", News.OTHER_KEY, "bo"))
    (said,) = items(play)
    assert said.tone is Tone.PROBLEM


def test_a_notice_stands_where_one_looks(play):
    play.tell(events.Notice("You are loud."))
    assert items(play)[0].text == "[Server]: You are loud."


def test_nobody_is_taken_elsewhere_while_they_type(play):
    play.type("draft")
    play.tell(events.Entered("lab", identify("lab")))
    assert play.scene().status.place.name == "lobby"
    play.press("ctrl u")
    play.tell(events.Entered("lab", identify("lab")))
    assert play.scene().status.place.name == "lab"


def test_the_connection_is_seen(play):
    assert play.scene().status.connection == "ready"
    play.tell(events.Reconnecting(3.0))
    assert play.scene().status.connection == "reconnecting in 3 s"
    assert not play.scene().status.is_well
    play.now += 3
    assert play.scene().status.connection == "reconnecting"


def test_who_is_behind_takes_a_survey(play):
    play.tell(stream.Behind())
    assert any(type(wish).__name__ == "Snapshot" for wish in play.wanted())


def test_who_is_connected_is_taken(play):
    play.tell(events.Names(("ana", "eve")))
    assert set(play.model.world.present) == {"ana", "eve"}


def test_a_message_of_the_user_that_is_told_is_the_one_that_waits(play):
    play.type("hello")
    play.press("enter")
    (wish,) = play.said()
    play.hear("hello", nick="ana", request=wish.id)
    assert [type(item) for item in items(play)] == [Said]
    assert items(play)[0].delivery is Delivery.SENT


def read(order, nick="bo"):
    return events.Read("lobby", nick, "0", order, identify("lobby"), "", order)


def test_who_has_read_what_the_user_said_is_seen_at_the_last_of_it(play):
    for number in range(3):
        play.hear(f"mine {number}", nick="ana")
    play.hear("theirs")
    play.tell(read(2))
    assert [item.readers for item in items(play)] == [(), ("bo",), (), ()]
    play.tell(read(4))
    play.tell(read(4, "cy"))
    assert [item.readers for item in items(play)] == [(), (), ("bo", "cy"), ()]
    assert "mine 2 (read by bo and cy)" in "".join(play.lines())
    play.tell(read(4, "ana"))
    play.tell(read(1))
    assert [item.readers for item in items(play)] == [(), (), ("bo", "cy"), ()]


def test_who_says_something_is_there(play):
    play.tell(events.Left("bo", Departure.LOST))
    play.hear("long ago", history=True)
    assert "bo" not in play.model.world.present
    play.hear("back again")
    assert play.model.world.present["bo"] is Status.NORMAL


def added(**facts):
    return events.Notice.told("added", **facts)


def test_who_is_added_to_a_group_is_called(play):
    play.tell(added(name="team", nick="bo"))
    text = "You have been added to group 'team' by bo."
    assert play.of(Alert) == [Alert("bo", text)]
    assert items(play)[-1].text == f"[Server]: {text}"
    play.tell(added(count=3, nick="bo", others=False))
    assert play.of(Alert)[-1] == Alert("bo", "You have been added to 3 more groups by bo.")


@pytest.mark.parametrize(
    ("attention", "alerts"),
    [
        (Attention(preview=Preview.SENDER), [Alert("bo", "New group")]),
        (Attention(preview=Preview.NONE), [Alert("geventim", "New group")]),
        (Attention(quiet=True), []),
        (Attention(level=Level.NONE), []),
        (Attention(levels={"#team": Level.NONE}), []),
    ],
)
def test_who_is_added_is_called_as_they_want(attention, alerts):
    play = Play(attention=attention).enter()
    play.tell(added(name="team", nick="bo"))
    assert play.of(Alert) == alerts


def test_nobody_is_called_by_a_group_that_they_have_muted(play):
    play.model.world.rooms.have(identify("team"), "team", Kind.GROUP).muted = True
    play.tell(added(name="team", nick="bo"))
    assert play.of(Alert) == []
