import pytest

from geventim.client import answers, events, stream, wishes
from geventim.client.said.aside import Quote
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.conversation.items import Delivery
from geventim.terminal.screen.conversation.moments import moment
from tests.terminal.screen.play import NOON, Play, identify


def kinds(play):
    return [type(wish) for wish in play.wanted()]


def test_everything_is_asked_for_once():
    play = Play()
    play.tell(events.Connected("ana", "host:1", "lobby"))
    play.model.begin()
    play.tell(events.Notice("x"))
    assert sorted(kind.__name__ for kind in kinds(play)) == ["Conversations", "People"]


@pytest.mark.parametrize("last", ["#lab", "@bo"])
def test_who_comes_back_is_where_they_were(last):
    play = Play(last=last).enter()
    assert play.model.world.rooms.current.title == last
    assert play.wanted() == []
    play.press("meta 2")
    (wish,) = play.of(wishes.ChangeSetting)
    assert (wish.name, wish.value) == ("place", "#lobby")


@pytest.mark.parametrize("last", ["", "#gone", "@lab", "lab", None])
def test_who_was_nowhere_that_there_is_begins_in_the_first_room(last):
    play = Play(last=last).enter()
    assert play.model.world.rooms.current.title == "#lobby"
    play.press("meta 1")
    kept = [wish.value for wish in play.of(wishes.ChangeSetting)]
    assert kept == ([] if last is None else ["#lobby", "#lab"])


def test_members_are_asked_for_where_one_goes(play):
    assert play.wanted() == []
    play.press("meta 1")
    assert kinds(play) == [wishes.Members, wishes.Timeline]
    assert {wish.conversation for wish in play.wanted()} == {identify("lab")}
    play.supply()
    play.press("meta 2", "meta 1")
    assert play.wanted() == []


def test_a_refusal_is_not_asked_about_again_and_again(play):
    play.press("meta 1")
    for wish in play.wanted():
        play.orders.remove(wish)
        play.refused(wish)
    play.press("x")
    assert play.wanted() == []


def test_conversations_are_asked_for_again_after_a_refusal(play):
    play.tell(events.Entered("lab", identify("lab")))
    (wish,) = [each for each in play.wanted() if isinstance(each, wishes.Conversations)]
    play.orders.clear()
    play.refused(wish)
    play.tell(events.Entered("lab", identify("lab")))
    assert wishes.Conversations in kinds(play)


def test_what_is_missing_is_surveyed(play):
    play.tell(stream.Behind())
    (wish,) = play.wanted()
    play.done(
        wish,
        answers.Snapshot(
            "1-1", "ana", "host:1", answers.Connection.OFFLINE, "lobby",
            play.model.world.own_status, play.conversations().conversations[:1], {}, (),
        ),
    )  # fmt: skip
    assert [place.name for place in play.scene().places] == ["lobby"]
    assert not play.scene().status.is_well


def written(number, text, **fields):
    return answers.Written(
        "lab", ContentKind.ROOM, fields.pop("nick", "bo"), text, 1_000.0 + number, number, False,
        identify("lab"), identify(f"message {number}"), number, own=fields.get("own", False),
    )  # fmt: skip


def test_what_was_said_before_is_seen_where_one_goes(play):
    play._count = 2
    play.hear("live", room="lab", message_id=identify("message 3"))
    play.press("meta 1")
    (wish,) = play.of(wishes.Timeline)
    page = (written(1, "one"), written(2, "two", nick="ana", own=True), written(3, "live"))
    play.done(wish, answers.Messages(page, False))
    assert play.texts() == ["one", "two", "live"]
    own = play.model.world.timeline.messages[1]
    assert (own.mine, own.delivery) == (True, Delivery.SENT)


class Archive:
    """So many messages of the lab, as they are read page by page."""

    def __init__(self, play, count):
        self.play, self.count = play, count
        self.largest = 0

    def serve(self):
        """Answer what is asked for, and what is asked for then."""
        self.play.measure()
        self.play.orders += self.play.model.drain()
        while found := self.play.of(wishes.Timeline):
            for wish in found:
                self.play.orders.remove(wish)
                page = tuple(written(n, f"text {n}") for n in self._numbers(wish))
                self.play.done(wish, answers.Messages(page, False))
                self.largest = max(self.largest, len(self.play.model.world.timeline.items))
            self.play.measure()
            self.play.orders += self.play.model.drain()

    def _numbers(self, wish):
        last = self.count + 1
        if wish.after is not None:
            return range(wish.after + 1, min(wish.after + 1 + wish.limit, last))
        if wish.around is not None:
            return range(max(wish.around - 50, 1), min(wish.around + 50, last))
        end = last if wish.before is None else wish.before
        return range(max(1, end - wish.limit), end)


def test_all_that_was_said_is_reached_and_little_of_it_held(play):
    play.press("meta 1")
    archive = Archive(play, 2_500)
    archive.serve()
    assert play.texts()[-1] == "text 2500"
    for _ in range(200):
        play.press("page up")
        archive.serve()
    assert play.texts()[0] == "text 1"
    assert archive.largest <= 1_300
    before = play.texts()
    play.hear("text 2501", room="lab")
    archive.count += 1
    assert play.texts() == before
    assert play.scene().status.below == 1
    for _ in range(200):
        play.press("page down")
        archive.serve()
    assert play.texts()[-1] == "text 2501"


def test_the_end_is_one_key_away(play):
    play.press("meta 1")
    archive = Archive(play, 2_500)
    archive.serve()
    for _ in range(60):
        play.press("page up")
        archive.serve()
    play.press("meta >")
    archive.serve()
    assert play.texts()[-1] == "text 2500"


def test_what_was_found_is_shown_where_it_was_said(play):
    play.press("meta 1")
    archive = Archive(play, 2_500)
    archive.serve()
    play.press("ctrl f", *"old")
    play.measure()
    play.orders += play.model.drain()
    search = play.of(wishes.Search)[-1]
    assert (search.words, search.conversation) == (("old",), identify("lab"))
    play.done(search, answers.Messages((written(700, "text 700 old"),), False))
    assert play.scene().overlay.rows == ((f"{moment(1_700):%Y-%m-%d %H:%M}  bo", "text 700 old"),)
    play.press("enter")
    archive.serve()
    assert "text 700" in play.texts()
    key = play.scene().selected
    assert key == identify("message 700")
    play.press("esc", "esc")
    archive.serve()
    assert play.texts()[-1] == "text 2500"


def test_what_was_unread_when_one_came_stands_below_a_line(play):
    play.change("lab", unread=2, read=3)
    play.press("meta 1")
    (wish,) = play.of(wishes.Timeline)
    page = tuple(written(n, f"text {n}") for n in range(1, 6))
    play.done(wish, answers.Messages(page, False))
    kinds = [getattr(line, "text", type(line).__name__) for line in play.scene().view.lines]
    assert kinds == ["Day", "text 1", "text 2", "text 3", "New", "text 4", "text 5"]
    assert play.scene().places[0].unread == 0


def test_what_is_seen_is_marked_as_read(play):
    play.hear("hello", room="lab")
    assert play.of(wishes.MarkRead) == []
    play.press("meta 1")
    assert [wish.conversation for wish in play.of(wishes.MarkRead)] == [identify("lab")]
    play.hear("more", room="lab")
    assert len(play.of(wishes.MarkRead)) == 2
    play.model.focus(False)
    play.hear("unseen", room="lab")
    assert len(play.of(wishes.MarkRead)) == 2


def test_what_is_typed_and_left_is_kept(play):
    play.type("draft")
    assert play.of(wishes.Draft) == []
    play.press("meta 1")
    assert [(wish.conversation, wish.text) for wish in play.of(wishes.Draft)] == [
        (identify("lobby"), "draft")
    ]
    play.press("meta 2", "enter")
    assert play.of(wishes.Draft)[-1].text == ""
    play.type("more")
    play.model.focus(False)
    play.orders += play.model.drain()
    assert play.of(wishes.Draft)[-1].text == "more"


def test_what_was_sent_does_not_come_back_from_what_was_kept(play):
    play.type("draft")
    play.press("meta 1", "meta 2")
    play.supply()
    play.press("enter")
    play.change("lobby", draft="draft", unread=1)
    assert play.input == ""
    (wish,) = play.of(wishes.Draft)
    play.done(wish, answers.Result())
    play.change("lobby", draft="", unread=0)
    assert play.input == ""
    play.change("lobby", draft="typed elsewhere")
    assert play.input == "typed elsewhere"


def test_what_is_typed_is_kept_when_one_leaves(play):
    play.type("draft")
    play.model._supply.keep_drafts()
    play.orders += play.model.drain()
    assert play.of(wishes.Draft)[-1].text == "draft"


def test_pages_that_are_refused_are_not_asked_for_again_and_again(play):
    play.press("meta 1")
    for wish in play.wanted():
        play.orders.remove(wish)
        play.refused(wish)
    play.model.world.timeline.has_older = True
    play.measure()
    play.orders += play.model.drain()
    (wish,) = play.of(wishes.Timeline)
    play.orders.remove(wish)
    play.refused(wish)
    play.measure()
    assert play.model.drain() == []


def test_how_an_answered_message_begins_is_found_near_it(play):
    room = play.model.world.rooms.current
    written = [
        answers.Written(
            "lobby", ContentKind.ROOM, "bo", text, NOON, number, False, room.id, identify(text),
            number, **fields,
        )
        for number, (text, fields) in enumerate([
            ("is it?", {}),
            ("yes", {"reply": Quote(identify("is it?"), "bo", "")}),
            ("no", {"reply": Quote(identify("long ago"), "cy", "")}),
        ], 1)
    ]  # fmt: skip
    room.is_filled = False
    play.model.focus(True)
    play.orders += play.model.drain()
    (wish,) = play.of(wishes.Timeline)
    play.done(wish, answers.Messages(tuple(written), False))
    assert "↪ bo: is it?" in "".join(play.lines())
    assert "↪ cy: (an older message)" in "".join(play.lines())
