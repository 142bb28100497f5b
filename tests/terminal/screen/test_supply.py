from geventim.client import answers, events, wishes
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.conversation.items import Delivery
from tests.terminal.screen.play import Play, identify


def kinds(play):
    return [type(wish) for wish in play.wanted()]


def test_everything_is_asked_for_once():
    play = Play()
    play.tell(events.Connected("ana", "host:1", "lobby"))
    play.model.begin()
    play.tell(events.Notice("x"))
    assert sorted(kind.__name__ for kind in kinds(play)) == ["Conversations", "People"]


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
    play.tell(events.Behind())
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
        identify("lab"), identify(f"message {number}"), number,
    )  # fmt: skip


def test_what_was_said_before_is_seen_where_one_goes(play):
    play._count = 2
    play.hear("live", room="lab", message_id=identify("message 3"))
    play.press("meta 1")
    (wish,) = play.of(wishes.Timeline)
    page = (written(1, "one"), written(2, "two", nick="ana"), written(3, "live"))
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
                numbers = range(max(1, self.count - wish.limit + 1), self.count + 1)
                page = tuple(written(n, f"text {n}") for n in numbers)
                self.play.done(wish, answers.Messages(page, False))
                self.largest = max(self.largest, len(self.play.model.world.timeline.items))
            self.play.measure()
            self.play.orders += self.play.model.drain()


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
    assert play.texts() == before
    assert play.scene().status.below == 1
    for _ in range(30):
        play.press("page down")
        archive.serve()
    assert play.texts()[0] > "text 1"
    play.press("meta >")
    archive.serve()
    assert play.texts()[-1] == "text 2500"


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
