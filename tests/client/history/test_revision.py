"""Messages that change after their pages were closed, in any order, over any number of starts."""

import random

import msgspec
import pytest

from geventim.client.events import Edited
from geventim.client.history import index
from geventim.client.history.fading import Fade
from geventim.client.history.pages import LARGEST, PAGE_LINES, page_name
from geventim.client.history.reading import Query, fold_text
from geventim.client.said.aside import Aside
from geventim.client.said.changes import Opinion, Retraction
from geventim.client.sealing.content import ContentKind, Reply
from tests.client.history.disks import ANN, BOB, EVE, PLACE, Disk, edit, fill, message_id, retract


@pytest.fixture
def disk():
    return Disk()


def test_one_page_is_read_for_a_change_long_ago(disk):
    fill(disk, 50 * PAGE_LINES)
    disk.start()
    disk.change(edit(3, "altered"))
    assert disk.read == []
    disk.revise()
    assert disk.read == [page_name(PLACE, 1)]
    (event,) = disk.events
    assert (type(event), event.message, event.order) == (Edited, "altered", 3)
    disk.start()
    assert disk.state()[3][0] == "altered"


@pytest.mark.parametrize("forwards", [False, True])
def test_it_is_told_as_it_is_now_before_its_page_is_written_anew(disk, forwards):
    fill(disk, 3 * PAGE_LINES)
    disk.change(edit(3, "altered"))
    disk.change(retract(4))
    for _ in range(2):
        texts = {each.utterance.seq: each.utterance.text for each in disk.told(forwards=forwards)}
        assert (texts[3], texts[4], texts[5]) == ("altered", "", "text 5")
        disk.start()


def test_search_finds_what_there_is_now_and_nothing_else(disk):
    fill(disk, 3 * PAGE_LINES)
    disk.change(edit(3, "altered"))
    disk.change(retract(4))

    def found(text):
        return [each.utterance.seq for each in disk.told(Query(words=(fold_text(text),)))]

    for _ in range(2):
        assert found("altered") == [3]
        assert 3 not in found("text 3")
        assert 4 not in found("text 4")
        disk.revise()
        disk.start()


@pytest.mark.parametrize("pages", [0, 3])
def test_a_deleted_text_leaves_the_disk(disk, pages):
    disk.write(1, "planted words")
    fill(disk, pages * PAGE_LINES + 1, 2)
    assert disk.holds("planted words")
    disk.change(retract(1))
    disk.revise()
    assert not disk.holds("planted words")
    assert disk.state()[1] == ("", Aside(retracted=20_000, by="b"))


@pytest.mark.parametrize("pages", [0, 3])
def test_so_do_words_that_others_have_quoted(disk, pages):
    disk.write(2, "indeed", account=EVE, reply=Reply(message_id(1), "b", "planted words"))
    fill(disk, pages * PAGE_LINES + 1, 3)
    disk.change(retract(1, account=EVE))
    disk.revise()
    assert disk.holds("planted words"), "it was not hers"
    disk.change(retract(1))
    disk.revise()
    assert not disk.holds("planted words")


def test_words_that_were_deleted_before_are_not_written_down(disk):
    disk.change(retract(1))
    disk.write(2, "indeed", account=EVE, reply=Reply(message_id(1), "b", "planted words"))
    disk.keep()
    assert not disk.holds("planted words")


def test_nor_are_words_that_we_have_ourselves(disk):
    disk.write(1, "what was said")
    disk.write(2, "indeed", account=EVE, reply=Reply(message_id(1), "b", "what was not said"))
    (answer,) = [each for each in disk.told() if each.utterance.seq == 2]
    assert not disk.holds("what was not said")
    quote = disk.history.tell(answer).event().reply
    assert (quote.excerpt, quote.quoted_by) == ("what was said", "")


def test_whose_words_are_answered_is_not_what_others_claim_after_a_restart(disk):
    disk.write(1, "what was said")
    disk.write(2, "indeed", account=EVE, reply=Reply(message_id(1), "frank", "what was not said"))
    disk.keep()
    disk.start()
    (answer,) = [each for each in disk.told() if each.utterance.seq == 2]
    quote = disk.history.tell(answer).event().reply
    assert (quote.nick, quote.quoted_by) == ("b", "")


def test_if_it_is_not_at_hand_it_is_said_who_claims_it(disk):
    disk.write(1, "what was said")
    for seq in range(2, PAGE_LINES + 2):
        disk.write(seq, "more")
    disk.write(99, "indeed", account=EVE, reply=Reply(message_id(1), "frank"))
    disk.keep()
    disk.start()
    (answer,) = [each for each in disk.told() if each.utterance.seq == 99]
    quote = disk.history.tell(answer).event().reply
    assert (quote.nick, quote.quoted_by) == ("frank", "e")


@pytest.mark.parametrize("is_ours", [False, True])
def test_a_quote_is_words_alone(disk, is_ours):
    if is_ours:
        disk.write(1, "**what** was `said`")
    disk.write(2, "indeed", account=EVE, reply=Reply(message_id(1), "b", "*what* was `said`"))
    (answer,) = [each for each in disk.told() if each.utterance.seq == 2]
    assert disk.history.tell(answer).event().reply.excerpt == "what was said"


def test_a_change_waits_for_its_message(disk):
    disk.change(edit(1, "altered"))
    disk.change(retract(2, account=ANN))
    disk.start()
    fill(disk, 3)
    assert [disk.state()[number][0] for number in (1, 2, 3)] == ["altered", "", "text 3"]
    assert disk.events == []
    assert not any(name.startswith("orphans/") for name in disk.values)


def test_a_page_that_grows_by_edits_is_parted(disk):
    fill(disk, 2 * PAGE_LINES)
    before = disk.history.read_backwards(Query(), 10**6)
    for number in range(1, PAGE_LINES + 1):
        disk.change(edit(number, chr(64 + number) * 30_000))
        if number % 10 == 0:
            disk.revise()
    disk.revise()
    pages = [value for name, value in disk.values.items() if name.startswith("history/")]
    assert max(map(len, pages)) <= LARGEST
    assert len(pages) > PAGE_LINES // 2
    seen = []
    while not before.over:
        seen += before.step()
    assert [each.utterance.order for each in seen] == list(range(2 * PAGE_LINES, 0, -1))
    disk.start()
    assert [each.utterance.order for each in disk.told(forwards=True)] == list(
        range(1, 2 * PAGE_LINES + 1)
    )
    disk.change(edit(PAGE_LINES, "short", 30_000))
    disk.revise()
    assert disk.state()[PAGE_LINES][0] == "short"


def test_the_page_that_grows_is_parted_as_well(disk):
    fill(disk, 8)
    for number in range(1, 9):
        disk.change(edit(number, "x" * 30_000))
    fill(disk, 1, 9)
    pages = [value for name, value in disk.values.items() if name.startswith("history/")]
    assert max(map(len, pages)) <= LARGEST
    disk.start()
    assert [each.utterance.order for each in disk.told(forwards=True)] == list(range(1, 10))


def test_a_damaged_page_stays_and_so_does_what_is_said_about_it(disk):
    fill(disk, 2 * PAGE_LINES)
    name = page_name(PLACE, 1)
    whole, disk.values[name] = disk.values[name], b"\xff"
    disk.change(edit(1, "altered"))
    disk.revise()
    disk.values[name] = whole
    disk.start()
    disk.revise()
    assert disk.state()[1][0] == "altered"


def test_a_message_is_found_wherever_it_is(disk):
    fill(disk, 2 * PAGE_LINES + 1)
    disk.change(edit(1, "altered"))
    last = 2 * PAGE_LINES + 1
    for number, text in ((1, "altered"), (2, "text 2"), (last, f"text {last}")):
        found = disk.history.seek(message_id(number))()
        assert found.place == PLACE
        assert found.utterance.text == text
    assert disk.history.seek(message_id(9999))() is None


def made(rng, count):
    """Messages and changes, in the order of their entries."""
    log = []
    for seq in range(1, count + 1):
        about = rng.randint(max(1, seq - 300), seq)
        account = rng.choice([BOB, EVE, ANN])
        match rng.choice("mmmmmmeedr"):
            case "e":
                log.append(edit(about, f"edit {seq}", seq, account))
            case "d":
                log.append(retract(about, seq, account))
            case "r":
                emoji = rng.choice(["👍", "❤", ""])
                log.append(Opinion(message_id(about), account, account[:1].decode(), seq, emoji))
            case _:
                log.append((seq, account))
    return log


def play(log, rng):
    """What comes of ``log``, with restarts and revisions anywhere."""
    disk = Disk()
    for each in log:
        if isinstance(each, tuple):
            number, account = each
            disk.write(number, f"text {number}", account=account)
        else:
            disk.change(each)
        if rng.random() < 0.02:
            disk.revise()
        if rng.random() < 0.01:
            disk.keep()
            disk.start()
    disk.revise()
    return disk


@pytest.mark.parametrize("seed", range(6))
def test_all_who_have_read_the_same_have_the_same(seed):
    rng = random.Random(seed)
    log = made(rng, 400)
    straight = play(log, random.Random(0))
    seen = {each[0] for each in log if isinstance(each, tuple)}
    assert straight.state().keys() == seen
    # Some come late, as what could not be opened at first, and changes come twice.
    shuffled = sorted(log, key=lambda each: _seq(each) + rng.choice([0, 0, 0, 20]))
    changes = [each for each in log if not isinstance(each, tuple)]
    for each in rng.sample(changes, 30):
        at = next(place for place, other in enumerate(shuffled) if other is each)
        shuffled.insert(rng.randint(at, len(shuffled)), each)
    crooked = play(shuffled, rng)
    assert crooked.state() == straight.state()
    for disk in (straight, crooked):
        kept = b"".join(disk.values.values())
        for number, (_, aside) in straight.state().items():
            written = msgspec.msgpack.encode(f"text {number}")
            assert (written in kept) is not (bool(aside.retracted) or bool(aside.edited))


def _seq(each):
    return each[0] if isinstance(each, tuple) else each.seq


def like(message):
    """Another message that is found in the same place."""
    return message_id(message)[:4] + bytes(12)


@pytest.mark.parametrize("restarts", [False, True])
def test_what_was_said_first_is_not_lost_in_a_page_that_seems_to_have_it(
    disk, monkeypatch, restarts
):
    monkeypatch.setattr(index, "_mark", lambda key: int.from_bytes(key[:4], "big"))
    fill(disk, 2 * PAGE_LINES)
    disk.change(Retraction(like(3), BOB, "b", 20_000))
    disk.revise()
    if restarts:
        disk.start()
    written = disk.history.add(
        PLACE,
        "lobby",
        kind=ContentKind.ROOM,
        nick="b",
        text="words",
        date=1.0,
        seq=500,
        message_id=like(3),
        account=BOB,
    )
    assert (written.utterance.text, written.utterance.beside.by) == ("", "b")
    assert disk.state()[3][0] == "text 3"


def test_what_was_said_of_what_is_there_waits_no_longer(disk):
    fill(disk, 2 * PAGE_LINES)
    disk.change(edit(3, "by somebody else", account=EVE))
    disk.change(edit(4, "altered"))
    assert disk.holds("by somebody else")
    disk.revise()
    assert not disk.holds("by somebody else")
    assert not any(name.startswith("orphans/") for name in disk.values)


def test_few_pages_are_read_for_many_answers_to_what_never_was(disk):
    for number in range(1, 20 * PAGE_LINES):
        reply = Reply(message_id(0), "ann", "what she is said to have said")
        disk.write(number, "I see", account=EVE, reply=reply)
        disk.keep()
    disk.change(Retraction(message_id(0), EVE, "e", 20_000))
    disk.revise()
    assert disk.read == []
    disk.change(Retraction(message_id(0), ANN, "ann", 20_001))
    disk.revise()
    assert len(disk.read) == 19
    assert not disk.holds("what she is said")
    disk.change(Retraction(message_id(0), ANN, "ann", 20_002))
    disk.revise()
    assert len(disk.read) == 19


class TestTime:
    """What is said about messages that have had their time."""

    @pytest.fixture
    def gone(self, disk):
        fill(disk, PAGE_LINES + 3)
        for number in (5, PAGE_LINES + 2):
            fade = Fade(message_id(number), 30, 1.0)
            disk.history._fading.put(PLACE, number, fade)
        return (5, PAGE_LINES + 2)

    def test_words_that_come_too_late_do_not_stay(self, disk, gone):
        disk.history.fade(1000.0)
        disk.revise()
        for _ in range(2):
            for number in gone:
                disk.change(edit(number, "words too late"))
                assert not disk.holds("words too late")
            disk.start()
        assert disk.events == []

    def test_nor_do_those_that_had_come_before(self, disk, gone):
        for number in gone:
            disk.change(edit(number, "words in time"))
        disk.history.fade(1000.0)
        disk.revise()
        assert not disk.holds("words in time")

    def test_nor_do_those_that_others_quote(self, disk, gone):
        disk.history.fade(1000.0)
        disk.revise()
        reply = Reply(message_id(5), "b", "words that somebody quotes")
        disk.write(500, "yes", account=EVE, reply=reply)
        disk.keep()
        assert not disk.holds("words that somebody quotes")

    @pytest.mark.parametrize("pages", [0, 2])
    def test_nor_those_that_were_quoted_before_they_came(self, disk, pages):
        reply = Reply(message_id(500), "b", "words that somebody quotes")
        disk.write(1, "yes", account=EVE, reply=reply)
        fill(disk, pages * PAGE_LINES, 2)
        disk.write(500, "words that somebody quotes")
        order = disk.history.newest(PLACE)
        disk.history._fading.put(PLACE, order, Fade(message_id(500), 30, 1.0))
        disk.keep()
        assert disk.holds("words that somebody quotes")
        disk.history.fade(1000.0)
        disk.revise()
        assert not disk.holds("words that somebody quotes")
