from geventim.chat.values import Kind
from geventim.client import answers, wishes
from geventim.client.answers import Done, Refusal, Refused
from geventim.client.sealing.content import ContentKind
from geventim.terminal.screen.asking import Asking
from geventim.terminal.screen.conversation.items import Said
from geventim.terminal.screen.conversation.rooms import Room
from geventim.terminal.screen.seeking.search import Search


def written(number):
    return answers.Written(
        "lab", ContentKind.ROOM, "bo", f"red {number}", 1.0, number, False, "lab", f"m{number}",
        number,
    )  # fmt: skip


def searching():
    sent = []
    asking = Asking(sent.append)
    room = Room("lab", "lab", Kind.ROOM)
    for number in (8, 9):
        said = Said(f"m{number}", "bo", f"red {number}", 1.0, number, f"m{number}")
        room.timeline.add(said)
    return Search(room, asking), asking, sent


def texts(search, typed):
    return [each.text for each in search.found(typed)]


def test_what_is_held_is_found_at_once_and_the_rest_behind_it():
    search, asking, sent = searching()
    assert texts(search, "red") == ["red 9", "red 8"]
    (wish,) = sent
    assert (wish.words, wish.conversation) == (("red",), "lab")
    page = answers.Messages((written(8), written(3)), False)
    asking.take(Done(wish.id, page))
    assert texts(search, "red") == ["red 9", "red 8", "red 3"]
    assert len(sent) == 1
    assert search.get("m3").order == 3


def test_what_is_deleted_meanwhile_is_not_found_any_more():
    search, asking, sent = searching()
    search.found("red")
    asking.take(Done(sent[0].id, answers.Messages((written(8), written(3), written(2)), False)))
    for message_id in ("m9", "m3"):
        search.room.forget(message_id)
    assert texts(search, "red") == ["red 8", "red 2"]


def test_nor_if_it_was_deleted_before_that_comes():
    search, asking, sent = searching()
    search.found("red")
    search.room.forget("m3")
    asking.take(Done(sent[0].id, answers.Messages((written(8), written(3)), False)))
    assert texts(search, "red") == ["red 9", "red 8"]


def test_what_comes_for_other_words_is_not_shown():
    search, asking, sent = searching()
    search.found("re")
    search.found("red 8")
    asking.take(Done(sent[0].id, answers.Messages((written(3),), False)))
    assert texts(search, "red 8") == ["red 8"]


def test_a_letter_alone_is_searched_for_here_only():
    search, _, sent = searching()
    assert len(search.found("r")) == 2
    assert sent == []


def test_a_refusal_leaves_what_is_held():
    search, asking, sent = searching()
    search.found("red")
    asking.take(Refused(sent[0].id, Refusal("x", "x", False)))
    assert len(search.found("red")) == 2
    assert isinstance(sent[0], wishes.Search)
