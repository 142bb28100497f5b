from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from geventim.terminal.screen.conversation.items import New, Remark, Said, Traffic
from geventim.terminal.screen.conversation.timeline import Timeline


def said(number, **fields):
    return Said(f"m{number}", "bo", f"text {number}", 1_000_000.0 + number, number, **fields)


def filled(count, most=600, first=1):
    timeline = Timeline(most)
    for number in range(first, first + count):
        timeline.add(said(number))
    return timeline


def one(_):
    return 1


def seen(timeline, room, height=one):
    """The numbers of messages that are seen, and the rows of the last that are not."""
    view = timeline.view(room, height)
    rows = [line.key for line in view.lines for _ in range(height(line))]
    if view.hidden:
        rows = rows[: -view.hidden]
    return [int(key[1:]) for key in rows[-room:] if key[0] == "m"]


def test_the_newest_are_seen():
    assert seen(filled(10), 3) == [8, 9, 10]


def test_scrolling_goes_row_by_row_and_stops_at_the_beginning():
    timeline = filled(10)
    timeline.scroll(2, 3, one)
    assert seen(timeline, 3) == [6, 7, 8]
    timeline.scroll(100, 3, one)
    assert seen(timeline, 3) == [1, 2]
    assert not timeline.at_end
    timeline.scroll(-100, 3, one)
    assert timeline.at_end


def test_a_tall_message_is_left_row_by_row():
    timeline = filled(3)

    def tall(line):
        return 5 if line.key == "m3" else 1

    timeline.scroll(2, 4, tall)
    view = timeline.view(4, tall)
    assert (view.lines[-1].key, view.hidden) == ("m3", 2)


def test_nothing_moves_while_one_has_scrolled_up():
    timeline = filled(10)
    timeline.scroll(3, 3, one)
    before = seen(timeline, 3)
    timeline.add(said(11))
    timeline.add(said(12, mine=True))
    assert seen(timeline, 3) == before
    assert timeline.view(3, one).below == 1
    timeline.to_end()
    assert timeline.view(3, one).below == 0
    assert seen(timeline, 3) == [10, 11, 12]


def test_another_width_keeps_the_place():
    timeline = filled(30)
    timeline.scroll(10, 5, one)
    last = seen(timeline, 5)[-1]
    assert seen(timeline, 6, lambda _: 3)[-1] == last
    assert seen(timeline, 5)[-1] == last


def test_everything_is_seen_where_there_is_room():
    timeline = filled(3)
    timeline.scroll(50, 20, one)
    assert seen(timeline, 20) == [1, 2, 3]
    assert timeline.at_end


def test_the_new_line_stands_where_one_stopped():
    timeline = filled(3)
    timeline.mark_read()
    timeline.add(said(4, mine=True))
    timeline.add(said(5))
    lines = timeline.view(10, one).lines
    assert [line.key for line in lines][-3:] == ["m4", "new", "m5"]
    timeline.forget_mark()
    assert not any(isinstance(line, New) for line in timeline.view(10, one).lines)


def test_who_comes_and_goes_is_gathered():
    timeline = filled(1)
    timeline.add(Traffic("a", 2.0, came=("ana",)))
    timeline.add(Traffic("b", 3.0, came=("bo",)))
    timeline.add(Traffic("c", 4.0, went=("ana",)))
    assert timeline.items[-1] == Traffic("a", 2.0, came=("bo",))
    timeline.add(Traffic("d", 5.0, went=("bo",)))
    assert len(timeline.items) == 1


def test_older_messages_are_let_go_at_the_end():
    timeline = filled(1_000, most=100)
    assert len(timeline.items) <= 100
    assert timeline.has_older
    assert seen(timeline, 2) == [999, 1000]


def test_newer_messages_are_let_go_while_older_come():
    timeline = filled(100, most=100, first=1_001)
    timeline.has_older = True
    for first in range(951, 0, -50):
        timeline.scroll(10_000, 10, one)
        before = seen(timeline, 10)
        timeline.put_before([said(n) for n in range(first, first + 50)], more=first > 1)
        assert seen(timeline, 10)[-len(before) :] == before
        assert len(timeline.items) <= 200
    assert timeline.has_newer
    timeline.add(said(1_101))
    assert timeline.newest < 1_101
    assert timeline.view(10, one).below == 1


def test_what_is_held_is_not_put_before_itself():
    timeline = Timeline()
    timeline.add(replace(said(3), key="item 1", message_id="m3"))
    timeline.put_before([said(2), said(3)], more=False)
    assert [item.order for item in timeline.items] == [2, 3]


def wandered():
    """A timeline that holds the first 140 of 200 messages, where one looks at the oldest."""
    timeline = filled(100, most=100, first=101)
    timeline.has_older = True
    timeline.scroll(10_000, 10, one)
    timeline.put_before([said(n) for n in range(1, 101)], more=False)
    timeline.scroll(10_000, 10, one)
    timeline.put_before([], more=False)
    return timeline


def test_newer_pages_follow_until_the_end():
    timeline = wandered()
    assert timeline.has_newer
    newest = timeline.newest
    timeline.put_after([said(n) for n in range(newest, newest + 20)], more=True)
    timeline.put_after([said(n) for n in range(newest + 20, 201)], more=False)
    orders = [item.order for item in timeline.items]
    assert orders == list(range(orders[0], 201))
    assert not timeline.has_newer
    assert timeline.has_older


def test_the_end_is_asked_for_again_when_it_was_let_go():
    timeline = wandered()
    timeline.to_end()
    assert (list(timeline.items), timeline.has_older, timeline.has_newer) == ([], True, False)
    timeline.add(said(201))
    assert timeline.wants_older(timeline.view(10, one))


def test_more_is_wanted_before_one_gets_there():
    timeline = filled(100)
    timeline.has_older = True
    assert not timeline.wants_older(timeline.view(10, one))
    timeline.scroll(70, 10, one)
    assert timeline.wants_older(timeline.view(10, one))
    timeline.has_newer = True
    assert not timeline.wants_newer(timeline.view(10, one))
    timeline.scroll(-60, 10, one)
    assert timeline.wants_newer(timeline.view(10, one))


def test_what_is_looked_for_is_shown_whole():
    timeline = filled(100)
    timeline.reveal("m20", 10, one)
    assert seen(timeline, 10)[0] == 20
    timeline.reveal("m50", 10, one)
    assert seen(timeline, 10)[-1] == 50
    timeline.reveal("m45", 10, one)
    assert seen(timeline, 10)[-1] == 50


def test_a_removed_message_leaves_the_place():
    timeline = filled(20)
    timeline.scroll(5, 5, one)
    timeline.remove("m15")
    assert seen(timeline, 5)[-1] == 14


@given(
    st.lists(
        st.one_of(
            st.integers(-40, 40),
            st.sampled_from(["add", "older", "newer", "remove", "end", "mark", "reveal"]),
        ),
        max_size=40,
    ),
    st.integers(1, 12),
    st.integers(1, 4),
)
def test_something_is_always_seen(steps, room, tall):
    timeline = filled(30, most=40, first=500)
    timeline.has_older = True

    def height(line):
        return 1 + len(line.key) % tall

    count, oldest = 530, 500
    for step in steps:
        match step:
            case int():
                timeline.scroll(step, room, height)
            case "add":
                timeline.add(said(count))
                count += 1
            case "older" if timeline.wants_older(timeline.view(room, height)):
                oldest -= 10
                timeline.put_before([said(n) for n in range(oldest, oldest + 10)], more=True)
            case "newer" if timeline.has_newer:
                first = timeline.newest + 1
                timeline.put_after([said(n) for n in range(first, first + 10)], more=False)
            case "remove" if len(timeline.items) > 5:
                timeline.remove(timeline.items[3].key)
            case "end":
                timeline.to_end()
            case "mark":
                timeline.mark_read()
            case "reveal":
                timeline.reveal(timeline.items[0].key, room, height)
        view = timeline.view(room, height)
        if not timeline.items:
            timeline.put_before([said(n) for n in range(count - 20, count)], more=True)
            view = timeline.view(room, height)
        rows = sum(map(height, view.lines)) - view.hidden
        assert rows >= min(room, 1)
        assert 0 <= view.hidden < height(view.lines[-1]) + room
        assert len(timeline.items) <= 2 * 40 + 10


def test_remarks_are_gathered_but_nothing_moves_for_that():
    timeline = filled(9)
    for text in "ab":
        timeline.add(Remark(text, 5.0, text))
    assert [item.text for item in timeline.items[9:]] == ["a\nb"]
    timeline.scroll(1, 3, one)
    timeline.add(Remark("c", 5.0, "c"))
    assert [item.text for item in timeline.items[9:]] == ["a\nb", "c"]
