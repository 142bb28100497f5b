"""Where others are, and to whom one listens."""

from geventim.client.conversation.witnesses import Offer, Witnesses

BOB, CAROL = b"b" * 16, b"c" * 16


class Clock:
    time = 1_000.0

    def __call__(self):
        return self.time


def test_who_wrote_last_before_something_may_be_elsewhere_since():
    witnesses = Witnesses(Clock())
    assert not witnesses.was_here_after(BOB, 0)
    witnesses.note(BOB, 7)
    assert [witnesses.was_here_after(BOB, seq) for seq in (6, 7, 8)] == [True, False, False]
    assert not witnesses.was_here_after(CAROL, 6)


def test_each_is_listened_to_once_in_a_while_until_it_is_certain_where_we_are():
    clock = Clock()
    witnesses = Witnesses(clock)
    assert witnesses.hear(BOB, 60.0)
    assert not witnesses.hear(BOB, 60.0)
    assert witnesses.hear(CAROL, 60.0)
    clock.time += 59.0
    assert not witnesses.hear(BOB, 60.0)
    clock.time += 1.0
    assert witnesses.hear(BOB, 60.0)
    witnesses.forget()
    assert witnesses.hear(BOB, 60.0)


def test_each_objects_once_to_our_last_commit():
    witnesses = Witnesses(Clock())
    witnesses.commit(7, b"before")
    assert [witnesses.object(each) for each in (BOB, BOB, CAROL)] == [1, 1, 2]
    witnesses.commit(9, b"later")
    assert witnesses.object(CAROL) == 1


def test_who_has_the_state_before_our_last_commit_has_not_seen_it_unless_it_speaks_of_it():
    witnesses = Witnesses(Clock())
    witnesses.commit(7, b"before")
    assert [witnesses.is_behind(seq, b"before") for seq in (6, 7, 8)] == [True, False, False]
    assert not witnesses.is_behind(6, b"elsewhere")


def test_what_is_offered_is_tried_once_and_not_shown():
    witnesses = Witnesses(Clock())
    assert witnesses.take_offer() is None
    witnesses.offered = Offer(BOB, b"state")
    assert "state" not in repr(witnesses.offered)
    assert witnesses.take_offer() == Offer(BOB, b"state")
    assert witnesses.take_offer() is None


def test_who_is_booked_is_listened_to_when_it_is_in_order():
    clock = Clock()
    witnesses = Witnesses(clock)
    assert witnesses.book(b"a", 60) == 0
    clock.time += 10
    assert witnesses.book(b"a", 60) == 50
    assert witnesses.book(b"a", 60) == 50, "it is booked already"
    assert not witnesses.hear(b"a", 60)
    clock.time += 60
    assert witnesses.book(b"a", 60) == 50
    clock.time += 500
    assert witnesses.book(b"a", 60) == 0


def test_what_was_booked_and_does_not_come_about_does_not_count():
    clock = Clock()
    witnesses = Witnesses(clock)
    witnesses.release(b"a", 60)
    assert witnesses.book(b"a", 60) == 0
    witnesses.release(b"a", 60)
    assert witnesses.book(b"a", 60) == 0
    clock.time += 10
    assert witnesses.book(b"a", 60) == 50
    witnesses.release(b"a", 60)
    assert witnesses.book(b"a", 60) == 50, "what came about before still counts"
