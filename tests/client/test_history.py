from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geventim.client import history
from geventim.client.history import History
from geventim.client.kept.memory import Memory
from geventim.client.sealing.content import ContentKind
from geventim.errors import StoreError, UserError

LOBBY, TEAM, BOB = b"L" * 16, b"T" * 16, b"B" * 16


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


def texts(told):
    return [each.utterance.text for each in told]


def disk(memory, before=None):
    """What a vault holds after the changes."""
    values = dict(before or {})
    for name, value in memory.take_changes().items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = value
    return values


def test_what_was_written_is_told_in_order():
    kept = History(Memory({}))
    for number in range(5):
        add(kept, str(number))
    assert texts(kept.last(3)) == ["2", "3", "4"]
    assert texts(kept.last(100)) == list("01234")
    assert kept.last(0) == []


def test_an_utterance_says_everything_about_itself():
    kept = History(Memory({}))
    add(kept, "hello", TEAM, "team", "carol", 7, verified=True)
    (told,) = kept.last(1)
    said = told.utterance
    assert (told.conversation, said.nick, said.text) == ("team", "carol", "hello")
    assert (said.kind, said.date, said.seq, said.verified) == (ContentKind.ROOM, 1.5, 7, True)


def test_conversations_are_told_apart_and_together():
    kept = History(Memory({}))
    add(kept, "1")
    add(kept, "2", BOB, "bob")
    add(kept, "3")
    assert texts(kept.last(9)) == ["1", "2", "3"]
    assert texts(kept.last(9, "lobby")) == ["1", "3"]
    assert texts(kept.last(9, "LOBBY")) == ["1", "3"]
    assert kept.last(9, "nobody") == []


def test_a_name_that_was_given_anew_tells_of_both():
    kept = History(Memory({}))
    add(kept, "old", TEAM, "team")
    add(kept, "between")
    add(kept, "new", b"U" * 16, "team")
    assert texts(kept.last(9, "team")) == ["old", "new"]


def test_it_outlives_the_process(monkeypatch):
    monkeypatch.setattr(history, "PAGE_LINES", 3)
    values = {}
    for number in range(20):
        memory = Memory(values)
        kept = History(memory)
        add(kept, f"{number}", *((LOBBY, "lobby") if number % 3 else (BOB, "bob")))
        values = disk(memory, values)
    assert texts(History(Memory(values)).last(99)) == [str(number) for number in range(20)]
    assert len(values) == 5 + 3


def test_only_the_last_page_is_written_again(monkeypatch):
    monkeypatch.setattr(history, "PAGE_LINES", 4)
    memory = Memory({})
    kept = History(memory)
    for number in range(9):
        add(kept, str(number))
    assert len(disk(memory)) == 3
    add(kept, "more")
    assert len(memory.take_changes()) == 1


def test_long_texts_fill_a_page_as_well():
    memory = Memory({})
    kept = History(memory)
    for _ in range(4):
        add(kept, "x" * history.PAGE_SIZE)
    assert len(disk(memory)) == 4


def test_the_oldest_of_a_conversation_makes_room(monkeypatch):
    monkeypatch.setattr(history, "PAGE_LINES", 10)
    memory = Memory({})
    kept = History(memory, limit=2_000)
    values = {}
    for number in range(1_000):
        add(kept, f"{number:50}")
        values = disk(memory, values)
    assert sum(map(len, values.values())) < 2_000 + 1_000
    told = texts(kept.last(1_000))
    assert told == [f"{number:50}" for number in range(1_000 - len(told), 1_000)]
    assert len(told) > 10
    assert texts(History(Memory(values)).last(1_000)) == told


def test_the_oldest_of_all_makes_room(monkeypatch):
    monkeypatch.setattr(history, "PAGE_LINES", 10)
    memory = Memory({})
    kept = History(memory, total=4_000)
    for number in range(30):
        add(kept, f"{number:50}", TEAM, "team")
    for number in range(1_000):
        add(kept, f"{number:50}")
    values = disk(memory)
    assert sum(map(len, values.values())) < 4_000 + 2_000
    # What is open stays, so that a quiet conversation is not forgotten altogether.
    assert texts(kept.last(99, "team")) == [f"{number:50}" for number in range(20, 30)]


def search(kept, text, count):
    looking = kept.search(text, count)
    while not looking.over:
        looking.step()
    return looking.found


def test_search_finds_all_words_in_any_case_and_order():
    kept = History(Memory({}))
    add(kept, "The Straße is closed")
    add(kept, "closed for today", nick="carol")
    add(kept, "open", BOB, "bob")
    assert texts(search(kept, "CLOSED strasse", 9)) == ["The Straße is closed"]
    assert texts(search(kept, "closed", 9)) == ["The Straße is closed", "closed for today"]
    assert texts(search(kept, "closed", 1)) == ["closed for today"]
    assert texts(search(kept, "carol", 9)) == ["closed for today"]
    assert search(kept, "nothing of it", 9) == []


def test_words_do_not_run_into_each_other():
    kept = History(Memory({}))
    add(kept, "obvious")
    assert search(kept, "bobobvious", 9) == []


@pytest.mark.parametrize("page", [b"", b"\xc1", b"\x92\xa1x\x90"])
def test_damage_is_the_stores_fault(page):
    with pytest.raises(StoreError):
        History(Memory({f"history/{LOBBY.hex()}/000000000001": page}))


def test_no_repr_shows_what_was_written():
    kept = History(Memory({}))
    add(kept, "hush")
    assert "hush" not in repr(kept.last(1))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from([LOBBY, TEAM, BOB]), st.text(), st.booleans())))
def test_any_sequence_comes_back(said):
    memory, values = Memory({}), {}
    kept = History(memory)
    for conversation, text, restart in said:
        add(kept, text, conversation, conversation.hex())
        if restart:
            values = disk(memory, values)
            memory = Memory(values)
            kept = History(memory)
    assert texts(kept.last(1_000)) == [text for _, text, _ in said]
    for conversation in (LOBBY, TEAM, BOB):
        expected = [text for place, text, _ in said if place == conversation]
        assert texts(kept.last(1_000, conversation.hex())) == expected


MARKS = "\u0301\u0316" * 14_500


def test_a_search_through_much_takes_many_short_steps():
    """Neither lines that are long to read nor their number hold it up."""
    kept = History(Memory({}))
    add(kept, "needle")
    for _ in range(12):
        add(kept, MARKS)
    looking = kept.search("needle", 50)
    steps = 0
    while not looking.over:
        began = process_time()
        looking.step()
        assert process_time() - began < 0.25
        steps += 1
    assert steps >= 5
    assert texts(looking.found) == ["needle"]


def test_a_search_sees_what_was_there_when_it_began():
    kept = History(Memory({}), limit=1)
    for number in range(200):
        add(kept, f"needle {number}")
    looking = kept.search("needle", 1_000)
    before = texts(kept.last(1_000))
    for number in range(200, 400):
        add(kept, f"needle {number}")
    while not looking.over:
        looking.step()
    assert texts(looking.found) == before


def test_a_search_ends_with_a_sentence_where_something_is_damaged():
    memory = Memory({})
    kept = History(memory)
    for number in range(200):
        add(kept, f"needle {number}")
    (name, _), *_ = memory.under("history/")
    memory.put(f"history/{name}", b"damaged")
    with pytest.raises(UserError, match="damaged"):
        search(kept, "nothing of it", 9)
