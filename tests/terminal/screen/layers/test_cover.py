from geventim.terminal.screen.layers.cover import Cover
from geventim.terminal.screen.layers.question import Prompt


def prompt(question, answers, then=lambda: None):
    return Prompt(question, lambda text: (answers.append(text), then()))


def test_nothing_takes_no_keys():
    cover = Cover()
    assert not cover.is_open
    assert not cover.press("a")
    assert not cover.paste("a")
    assert cover.overlay() is None


def test_a_layer_takes_all_keys_until_it_is_done():
    cover, answers = Cover(), []
    cover.open(prompt("Who?", answers))
    assert cover.press("a")
    assert cover.paste("na")
    assert cover.overlay().typed == "ana"
    assert cover.press("enter")
    assert answers == ["ana"]
    assert not cover.is_open


def test_what_is_offered_waits_for_no_other_and_covers_none():
    cover = Cover()
    cover.offer(prompt("one", []))
    cover.offer(prompt("two", []))
    assert cover.overlay().title == "one"
    cover.open(prompt("three", []))
    assert cover.overlay().title == "three"
    cover.close()
    assert not cover.is_open


def test_an_answer_may_open_the_next_one():
    cover, answers = Cover(), []
    cover.open(prompt("one", answers, lambda: cover.open(prompt("two", answers))))
    cover.press("enter")
    assert cover.overlay().title == "two"
