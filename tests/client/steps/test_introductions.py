"""Conversations into which others put us, a few at a time."""

import pytest
from msgspec.structs import replace

from geventim.chat.replies import ConversationInfo
from geventim.chat.values import Kind
from geventim.client.steps.introductions import FREE, SPACE, Introductions
from tests.client.steps.test_spacing import Clock


def info(number: int) -> ConversationInfo:
    return ConversationInfo(number.to_bytes(16, "big"), Kind.GROUP, f"crowd-{number}", bytes(16))


def introduced(count: int) -> tuple[Clock, Introductions]:
    introductions = Introductions(clock := Clock())
    for number in range(count):
        introductions.add(info(number))
    return clock, introductions


def test_a_few_need_not_wait() -> None:
    _, introductions = introduced(FREE)
    assert list(introductions.due()) == [info(number) for number in range(FREE)]
    assert introductions.wake_at is None


def test_many_come_one_after_the_other() -> None:
    clock, introductions = introduced(FREE + 3)
    assert len(list(introductions.due())) == FREE
    for number in range(FREE, FREE + 3):
        assert introductions.wake_at == pytest.approx(clock.time + SPACE)
        assert list(introductions.due()) == []
        clock.time = introductions.wake_at
        assert list(introductions.due()) == [info(number)]
    assert introductions.wake_at is None


def test_what_was_said_last_counts_and_what_is_known_is_no_news() -> None:
    _, introductions = introduced(3)
    renamed = replace(info(1), name="friends")
    introductions.add(renamed)
    introductions.drop(info(2).id)
    assert list(introductions.due()) == [info(0), renamed]


def test_a_new_connection_begins_without_any() -> None:
    _, introductions = introduced(FREE + 2)
    assert len(list(introductions.due())) == FREE
    introductions.reset()
    assert list(introductions.due()) == []
    assert introductions.wake_at is None


def test_nobody_waits_for_a_clock_that_was_set_back() -> None:
    clock, introductions = introduced(FREE + 2)
    assert len(list(introductions.due())) == FREE
    clock.time -= 3_600
    assert list(introductions.due())
