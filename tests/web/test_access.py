"""Links are good once and soon; sessions are few, and remember how they ended."""

import hmac

import pytest

from geventim.web import access as module
from geventim.web.access import LIFE, SESSIONS, Access
from geventim.web.bounds import USUAL
from geventim.web.exchange import WebError


class Hall:
    """An access whose guests are numbers, and those who are there."""

    def __init__(self):
        self.now = 0.0
        self.count = 0
        self.guests = 0
        self.there = set()
        self.dismissed = []
        self.access = Access(
            lambda: self.now,
            self.random,
            self.welcome,
            self.dismissed.append,
            lambda guest: guest in self.there,
        )

    def random(self, size):
        self.count += 1
        return self.count.to_bytes(size)

    def welcome(self):
        self.guests += 1
        return self.guests

    def come(self):
        return self.access.enter(self.access.make_link())


@pytest.fixture
def hall():
    return Hall()


def refused(call, *words):
    with pytest.raises(WebError) as error:
        call(*words)
    return error.value.status.value, error.value.code


def test_a_link_is_given_for_a_token_once(hall):
    link = hall.access.make_link()
    token = hall.access.enter(link)
    assert token != link
    assert hall.access.find(token) == 1
    assert refused(hall.access.enter, link) == (410, "old_link")
    assert refused(hall.access.find, token) == (401, "taken_over")
    assert hall.dismissed == [1]
    assert refused(hall.access.enter, link) == (410, "old_link")


def test_it_lives_for_half_a_minute(hall):
    first, second = hall.access.make_link(), hall.access.make_link()
    hall.now = LIFE
    assert hall.access.enter(first)
    hall.now += 0.1
    assert refused(hall.access.enter, second) == (410, "old_link")
    assert hall.dismissed == []


def test_only_the_last_links_are_good(hall):
    first = hall.access.make_link()
    links = [hall.access.make_link() for _ in range(SESSIONS)]
    assert refused(hall.access.enter, first) == (410, "old_link")
    assert hall.access.enter(links[0])


def test_tokens_are_random_and_long(hall):
    sizes = []
    hall.access = Access(
        lambda: 0.0, lambda size: sizes.append(size) or bytes(size), int, int, bool
    )
    hall.access.enter(hall.access.make_link())
    assert sizes == [16, 32]


def test_who_is_not_there_makes_room_the_longest_first(hall):
    tokens = []
    for number in range(SESSIONS):
        hall.now += 1.0
        tokens.append(hall.come())
        hall.there.add(number + 1)
    assert refused(hall.come) == (403, "too_many")
    hall.there -= {1, 2}
    hall.now += 1.0
    assert hall.access.find(tokens[0]) == 1
    assert hall.come()
    assert hall.dismissed == [2]
    assert refused(hall.access.find, tokens[1]) == (401, "too_many")


def test_it_is_full_when_links_that_are_out_may_take_the_last_places(hall):
    for number in range(SESSIONS):
        assert not hall.access.is_full
        hall.come()
        hall.there.add(number + 1)
    assert hall.access.is_full
    hall.there.remove(1)
    assert not hall.access.is_full
    hall.access.make_link()
    assert hall.access.is_full
    hall.now += LIFE + 1.0
    assert not hall.access.is_full


def test_who_was_not_seen_for_long_is_swept_away(hall):
    away, there = hall.come(), hall.come()
    hall.there.add(2)
    hall.now = USUAL.absence
    hall.access.sweep()
    assert hall.dismissed == []
    hall.now += 1.0
    hall.access.sweep()
    assert refused(hall.access.find, away) == (401, "too_long")
    hall.there.remove(2)
    hall.now += 1.0
    hall.access.sweep()
    assert hall.access.find(there) == 2


def test_who_leaves_is_dismissed_and_nobody_is_left_in_the_end(hall):
    one, two = hall.come(), hall.come()
    hall.access.end(1, "no_token")
    hall.access.end(1, "no_token")
    assert refused(hall.access.find, one) == (401, "no_token")
    hall.access.close()
    assert hall.dismissed == [1, 2]
    assert refused(hall.access.find, two)[0] == 401


def test_tokens_are_compared_in_constant_time(hall, monkeypatch):
    compared = []

    def compare(one, other):
        compared.append({len(one), len(other)})
        return right(one, other)

    class Eager(bytes):
        def __eq__(self, other):
            raise AssertionError("a digest is compared in another way")

        __hash__ = None

    digest, right = module._digest, hmac.compare_digest
    monkeypatch.setattr(module, "_digest", lambda token: Eager(digest(token)))
    monkeypatch.setattr(module.hmac, "compare_digest", compare)
    tokens = [hall.come() for _ in range(2)]
    for token in tokens:
        hall.access.find(token)
    refused(hall.access.find, "")
    refused(hall.access.enter, "")
    assert compared
    assert all(sizes == {32} for sizes in compared)


def test_nothing_shows_a_token(hall):
    link = hall.access.make_link()
    token = hall.access.enter(link)
    shown = repr(vars(hall.access)) + repr(hall.access._sessions)
    assert token not in shown
    assert link not in shown


def test_a_second_use_is_noticed_while_another_session_is_ended_for_the_first(hall):
    for _ in range(SESSIONS):
        hall.come()
    link = hall.access.make_link()
    seconds = []

    def dismiss(guest):
        hall.dismissed.append(guest)
        if guest == 1:
            seconds.append(refused(hall.access.enter, link))

    hall.access._dismiss = dismiss
    token = hall.access.enter(link)
    assert seconds == [(410, "old_link")]
    assert refused(hall.access.find, token) == (401, "taken_over")
    assert hall.dismissed == [1, SESSIONS + 1]
