import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from geventim.client.history.history import History
from geventim.client.history.pages import PAGE_LINES, page_name
from geventim.client.history.reading import Query
from geventim.client.kept.memory import Memory
from geventim.client.said.aside import Aside
from geventim.client.said.changes import Edit, Retraction
from geventim.client.sealing.content import ContentKind, Reply
from geventim.errors import StoreError
from tests.client.history.disks import Disk
from tests.client.written import last, run, search, texts

LOBBY, TEAM, BOB, ID = b"L" * 16, b"T" * 16, b"B" * 16, b"I" * 16


def add(kept, text, conversation=LOBBY, name="lobby", nick="bob", seq=1, verified=False):
    kept.add(
        conversation,
        name,
        kind=ContentKind.ROOM,
        nick=nick,
        text=text,
        date=1.5,
        seq=seq,
        verified=verified,
    )


@pytest.fixture
def disk():
    return Disk()


def fill(disk, count, conversation=LOBBY, name="lobby"):
    for number in range(count):
        add(disk.history, str(number), conversation, name)
        disk.keep()


def answered(disk, message_id):
    """What an answer to that message shows of it."""
    (told,) = last(disk.history, 1)
    reply = Reply(message_id, "bob", "")
    utterance = told.utterance.beside_which(Aside(reply=reply))
    found = disk.history.tell(replace(told, utterance=utterance)).answered
    return None if found is None else found.excerpt


@pytest.mark.parametrize(
    "change", [Retraction(ID, BOB, "bob", 99), Edit(ID, BOB, "bob", 99, "new")]
)
@pytest.mark.parametrize("is_written", [False, True])
@pytest.mark.parametrize("later", [1, PAGE_LINES + 1])
def test_an_answer_shows_nothing_of_what_was_deleted_or_replaced(disk, change, is_written, later):
    disk.history.add(
        LOBBY,
        "lobby",
        kind=ContentKind.ROOM,
        nick="bob",
        text="planted",
        date=1.5,
        seq=1,
        message_id=ID,
        account=BOB,
    )
    fill(disk, later)
    assert answered(disk, ID) == "planted"
    disk.history.change(LOBBY, change)
    if is_written:
        disk.revise()
    assert answered(disk, ID) != "planted"


def test_what_was_written_is_told_in_order():
    kept = History(Memory({}))
    for number in range(5):
        add(kept, str(number))
    assert texts(last(kept, 3)) == ["2", "3", "4"]
    assert texts(last(kept, 100)) == list("01234")
    assert last(kept, 0) == []


def test_an_utterance_says_everything_about_itself():
    kept = History(Memory({}))
    add(kept, "hello", TEAM, "team", "carol", 7, verified=True)
    (told,) = last(kept, 1)
    said = told.utterance
    assert (told.conversation, said.nick, said.text) == ("team", "carol", "hello")
    assert (said.kind, said.date, said.seq, said.verified) == (ContentKind.ROOM, 1.5, 7, True)


def test_conversations_are_told_apart_and_together():
    kept = History(Memory({}))
    add(kept, "1")
    add(kept, "2", BOB, "bob")
    add(kept, "3")
    assert texts(last(kept, 9)) == ["1", "2", "3"]
    assert texts(last(kept, 9, "lobby")) == ["1", "3"]
    assert texts(last(kept, 9, "LOBBY")) == ["1", "3"]
    assert last(kept, 9, "nobody") == []


def test_a_name_that_was_given_anew_tells_of_both():
    kept = History(Memory({}))
    add(kept, "old", TEAM, "team")
    add(kept, "between")
    add(kept, "new", b"U" * 16, "team")
    assert texts(last(kept, 9, "team")) == ["old", "new"]


def test_everything_is_kept_and_only_the_last_pages_are_held(disk):
    fill(disk, 20 * PAGE_LINES)
    fill(disk, 3, TEAM, "team")
    disk.start()
    assert len(disk.values) == 21
    assert dict(disk.memory.under("")).keys() == {
        page_name(LOBBY, 19 * PAGE_LINES + 1),
        page_name(TEAM, 20 * PAGE_LINES + 1),
    }
    assert disk.read == []
    assert texts(last(disk.history, 10**6, "lobby")) == [str(n) for n in range(20 * PAGE_LINES)]
    assert len(disk.read) == 19


def test_no_more_is_read_than_is_told(disk):
    fill(disk, 10 * PAGE_LINES)
    fill(disk, 10 * PAGE_LINES, TEAM, "team")
    disk.start()
    last(disk.history, PAGE_LINES)
    assert disk.read == []
    last(disk.history, PAGE_LINES + 1)
    assert disk.read == [page_name(TEAM, 18 * PAGE_LINES + 1)]


def test_what_is_closed_in_this_run_is_not_held_either(disk):
    fill(disk, 3 * PAGE_LINES)
    assert len(dict(disk.memory.under(""))) == 1
    assert texts(last(disk.history, 999)) == [str(number) for number in range(3 * PAGE_LINES)]


def test_numbers_go_on_after_a_start(disk):
    for _ in range(3):
        fill(disk, 10)
        fill(disk, 10, TEAM, "team")
        disk.start()
    orders = [each.utterance.order for each in last(disk.history, 99)]
    assert orders == list(range(1, 61))


def test_search_finds_all_words_in_any_case_and_order():
    kept = History(Memory({}))
    add(kept, "The Straße is closed")
    add(kept, "closed for today", nick="carol")
    add(kept, "open", BOB, "bob")
    assert texts(search(kept, "CLOSED strasse", 9)) == ["The Straße is closed"]
    assert texts(search(kept, "closed", 9)) == ["closed for today", "The Straße is closed"]
    assert texts(search(kept, "closed", 1)) == ["closed for today"]
    assert texts(search(kept, "carol", 9)) == ["closed for today"]
    assert search(kept, "nothing of it", 9) == []


def test_search_is_among_what_one_person_wrote_in_one_place_before_something():
    kept = History(Memory({}))
    add(kept, "one cat", nick="Bob")
    add(kept, "two cats", nick="carol")
    add(kept, "three cats", TEAM, "team")
    add(kept, "four cats")
    assert texts(search(kept, "cat", 9, author="bob", places=kept.places("lobby"))) == [
        "four cats",
        "one cat",
    ]
    assert texts(search(kept, "cat", 9, before=3)) == ["two cats", "one cat"]
    assert texts(search(kept, "", 9, author="CAROL")) == ["two cats"]
    assert search(kept, "cat", 9, places=frozenset({BOB})) == []


def test_words_do_not_run_into_each_other():
    kept = History(Memory({}))
    add(kept, "obvious")
    add(kept, "next")
    assert search(kept, "bobobvious", 9) == []
    assert search(kept, "obviousbob", 9) == []


class TestDamage:
    @pytest.mark.parametrize("page", [b"", b"\xc1", b"\x92\xa1x\x90"])
    def test_of_a_page_hides_that_page(self, disk, page):
        fill(disk, 3 * PAGE_LINES)
        disk.values[page_name(LOBBY, PAGE_LINES + 1)] = page
        disk.start()
        reading = disk.history.read_backwards(Query(), 999)
        told = texts(run(reading))[::-1]
        everything = [str(number) for number in range(3 * PAGE_LINES)]
        assert told == everything[:PAGE_LINES] + everything[2 * PAGE_LINES :]
        assert len(reading.damage) == 1

    def test_of_the_page_that_grows_begins_another(self, disk):
        fill(disk, PAGE_LINES + 5)
        disk.values[page_name(LOBBY, PAGE_LINES + 1)] = b"damaged"
        disk.start()
        fill(disk, 3)
        disk.start()
        reading = disk.history.read_backwards(Query(), 999)
        told = [str(number) for number in range(PAGE_LINES)] + ["0", "1", "2"]
        assert texts(run(reading))[::-1] == told
        assert len(reading.damage) == 1
        assert disk.values[page_name(LOBBY, PAGE_LINES + 1)] == b"damaged"

    def test_of_what_is_gone_is_the_stores_fault(self):
        with pytest.raises(StoreError):
            History(Memory({f"gone/{LOBBY.hex()}/000000000001": b"\xc1"}))

    def test_of_a_name_is_the_stores_fault(self):
        with pytest.raises(StoreError):
            History(Memory({"history/none/1": b""}))


class TestForgetting:
    def test_is_not_told_any_more_and_deleted_when_the_page_was_read(self, disk):
        fill(disk, 3 * PAGE_LINES)
        disk.history.forget(LOBBY, [5, PAGE_LINES + 1, 3 * PAGE_LINES, 10**6])
        expected = [
            str(n) for n in range(3 * PAGE_LINES) if n not in {4, PAGE_LINES, 3 * PAGE_LINES - 1}
        ]
        assert texts(last(disk.history, 999)) == expected
        disk.keep()
        assert sum(name.startswith("gone/") for name in disk.values) == 2
        disk.revise()
        assert not any(name.startswith("gone/") for name in disk.values)
        assert texts(last(disk.history, 999)) == expected
        disk.start()
        assert not disk.history.is_dirty
        assert texts(last(disk.history, 999)) == expected

    def test_goes_on_after_a_start(self, disk):
        fill(disk, 2 * PAGE_LINES)
        disk.history.forget(LOBBY, [1])
        disk.keep()
        disk.start()
        assert texts(last(disk.history, 999))[0] == "1"
        disk.revise()
        disk.start()
        assert not disk.history.is_dirty
        assert texts(last(disk.history, 999))[0] == "1"

    def test_of_all_of_a_page_drops_it(self, disk):
        fill(disk, 2 * PAGE_LINES)
        fill(disk, 2, TEAM, "team")
        disk.history.forget(LOBBY, range(1, PAGE_LINES + 1))
        disk.history.forget(TEAM, [2 * PAGE_LINES + 1, 2 * PAGE_LINES + 2])
        disk.revise()
        assert list(disk.values) == [page_name(LOBBY, PAGE_LINES + 1)]
        assert len(last(disk.history, 999)) == PAGE_LINES
        add(disk.history, "new", TEAM, "team")
        disk.keep()
        assert texts(last(disk.history, 1)) == ["new"]

    def test_of_more_while_a_page_is_read_takes_all_of_it(self, disk):
        fill(disk, 2 * PAGE_LINES)
        disk.history.forget(LOBBY, [1])
        first = disk.history.next_revision()
        first.read()
        disk.history.forget(LOBBY, [2])
        second = disk.history.next_revision()
        second.read()
        first.finish()
        second.finish()
        disk.keep()
        disk.start()
        assert texts(last(disk.history, 999))[0] == "2"

    def test_leaves_a_damaged_page_as_it_is(self, disk):
        fill(disk, 2 * PAGE_LINES)
        disk.history.forget(LOBBY, [1])
        disk.keep()
        disk.values[page_name(LOBBY, 1)] = b"damaged"
        disk.revise()
        assert disk.values[page_name(LOBBY, 1)] == b"damaged"
        disk.start()
        assert disk.history.is_dirty


def test_a_reading_tells_what_was_there_when_it_began_but_for_what_is_gone(disk):
    fill(disk, 4 * PAGE_LINES)
    reading = disk.history.read_backwards(Query(), 999)
    fill(disk, 4 * PAGE_LINES)
    disk.history.forget(LOBBY, [1])
    disk.revise()
    assert texts(run(reading))[::-1] == [str(number) for number in range(1, 4 * PAGE_LINES)]


def test_no_repr_shows_what_was_written():
    kept = History(Memory({}))
    add(kept, "hush")
    assert "hush" not in repr(last(kept, 1))
    assert "hush" not in repr(Query(words=("hush",)))


SAID = st.tuples(
    st.sampled_from([LOBBY, TEAM, BOB]), st.integers(1, 40), st.text(max_size=3), st.booleans()
)


@settings(max_examples=40)
@given(st.lists(SAID, max_size=20), st.data())
def test_any_part_of_any_sequence_comes_back(said, data):
    disk, told = Disk(), []
    for conversation, times, text, restart in said:
        for _ in range(times):
            add(disk.history, text, conversation, conversation.hex())
            told.append((conversation, text))
        disk.keep()
        if restart:
            disk.start()
    assert texts(last(disk.history, 1_000)) == [text for _, text in told]
    place = data.draw(st.sampled_from([LOBBY, TEAM, BOB]))
    after, before = data.draw(st.integers(0, len(told))), data.draw(st.integers(1, len(told) + 2))
    query = Query(places=frozenset({place}), after=after, before=before)
    meant = [text for where, text in told[after : before - 1] if where == place]
    assert texts(run(disk.history.read_forwards(query, 1_000))) == meant
    assert texts(run(disk.history.read_backwards(query, 1_000))) == meant[::-1]
    assert texts(run(disk.history.read_forwards(query, 3))) == meant[:3]
