"""What waits at an agent: to be sent, to be answered, or for too long."""

import pytest

from geventim.chat import replies, requests
from geventim.client.events import (
    Connected,
    Delayed,
    Notice,
    Sent,
)
from geventim.client.phases import Phase
from geventim.client.steps.outbox import TOGETHER
from tests.client.person import waiting


def test_texts_go_together_and_other_lines_wait_for_them(world, alice):
    alice.say("one", "two", "@names", "three")
    assert waiting(alice) == [requests.Append] * 2
    world.step()
    world.timers.ring()
    alice.receive(alice.line.down.popleft())
    assert waiting(alice) == [requests.Append]
    world.run()
    assert [type(request) for request, _ in alice.asked[-4:]] == [
        requests.Append,
        requests.Append,
        requests.ListNames,
        requests.Append,
    ]


def test_only_so_many_texts_are_on_their_way(alice):
    alice.say(*map(str, range(TOGETHER + 5)))
    assert len(waiting(alice)) == TOGETHER
    assert alice.undelivered == TOGETHER + 5


def test_lines_typed_before_the_first_connection_wait(world, alice):
    bob = world.person("bob")
    bob.say("early", "@names")
    assert bob.asked == []
    bob.connect()
    world.advance(1)
    assert alice.texts() == ["early"]


def test_lines_typed_while_disconnected_wait_in_order(world, alice, bob):
    alice.drop()
    alice.say("one", "@status", "two")
    assert alice.undelivered == 3
    alice.connect()
    world.run()
    told = [type(event) for event in alice.news()]
    assert told[:2] == [Connected, Sent]
    assert set(told[2:]) == {Sent, Notice}, "what is said needs nothing of what was asked"
    assert bob.texts() == ["one", "two"]


def test_who_wants_to_leave_is_told_what_waits(world, alice, bob):
    alice.drop()
    alice.say("one", "@names")
    alice.news()
    alice.say("@quit")
    (notice,) = alice.news()
    assert notice.text == "1 line waits for the connection to return. Ctrl-C leaves without that."
    assert alice.agent.phase is Phase.OFFLINE
    alice.connect()
    world.run()
    assert bob.texts() == ["one"]
    assert alice.agent.phase is Phase.ENDED
    bob.drop()
    bob.news()
    bob.say("@quit")
    assert (bob.news(), bob.agent.phase) == ([], Phase.ENDED)


def test_what_was_not_answered_is_sent_again_as_it_was(world, alice, bob):
    alice.say("one", "two")
    alice.drop()
    alice.connect()
    world.run()
    sent = [each for each in alice.asked if isinstance(each[0], requests.Append)]
    first, second, *again = sent
    assert [payload for _, payload in again] == [first[1], second[1]]
    assert [request.message_id for request, _ in again] == [
        first[0].message_id,
        second[0].message_id,
    ]
    assert bob.texts() == ["one", "two"]


def test_an_operation_goes_on_where_it_was(world, alice, bob):
    alice.say("@bob hi")
    world.run()
    alice.say("@bob again")
    alice.drop()
    alice.connect()
    world.run()
    assert bob.texts("alice") == ["hi", "again"]


class TestLateMessages:
    """A message whose acknowledgement is late is said to be, once."""

    def late(self, world, person, *lines):
        """Type ``lines`` that nobody carries to the server, and let time pass; what is told."""
        person.news()
        for line in lines:
            person.say(line)
        for _ in range(60):
            world.timers.time += 0.5
            person.tick()
        return [event.messages for event in person.news() if isinstance(event, Delayed)]

    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            ("hello", "hello"),
            ("@@home", "@home"),
            ("/etc/hosts is a file", "/etc/hosts is a file"),
            ("#lobby hi", "#lobby hi"),
            ("@bob hi", "@bob hi"),
            ("/group send friends hi", "/group send friends hi"),
            ("@secret bob sesame the text", "@secret bob …"),
        ],
    )
    def test_each_kind_of_message(self, world, alice, bob, line, shown):
        alice.say("@group set friends bob")
        world.advance()
        assert self.late(world, alice, line) == [(shown,)]

    def test_those_behind_it_are_told_with_it(self, world, alice, bob):
        assert self.late(world, alice, "@bob one", "two") == [("@bob one", "two")]

    @pytest.mark.parametrize("line", ["@names", "@join den", "@group set g bob", "@status away"])
    def test_no_other_line_is(self, world, alice, bob, line):
        assert self.late(world, alice, line) == []

    def test_it_is_due_after_five_seconds(self, world, alice):
        alice.say("hello")
        assert alice.agent._outbox.late_at == world.timers.time + 5

    def test_what_is_delivered_in_time_is_not(self, world, alice):
        alice.say("hello")
        world.run()
        assert self.late(world, alice) == []
        assert alice.agent.wake_at is None

    def test_it_is_delivered_all_the_same(self, world, alice, bob):
        assert self.late(world, alice, "hello")
        world.run()
        assert bob.texts("lobby") == ["hello"]

    def test_nothing_is_told_after_the_end(self, world, alice):
        alice.say("hello")
        alice.tell(replies.Superseded())
        assert self.late(world, alice) == []
