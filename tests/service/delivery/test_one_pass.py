"""What one pass of the event loop has gathered goes out together."""

import pytest

from geventim.chat.values import EntryKind
from tests.service.doubles import meet


class TestGathering:
    """What one pass of the event loop brings is delivered together."""

    @pytest.fixture
    def people(self, world):
        self.room, *clients = meet(world, "alice", "bob", "carol")
        # Once something was delivered, all of them are where the feed is.
        clients[0].append(self.room)
        self.before = world.store.head(self.room).seq
        world.timers.advance(1)
        world.timers.gathering = True
        return clients

    def read(self, client):
        """The entries that a client was sent since then, counted from there."""
        seqs = client.entries(self.room)
        return [seq - self.before for seq in seqs if seq > self.before]

    def deliveries(self, world, monkeypatch):
        """What the room's audience is given, each time: how many frames, and who is left out."""
        seen = []
        (audience,) = (each for each in world.audiences[1:] if each.outlets())
        deliver = audience.deliver
        monkeypatch.setattr(
            audience,
            "deliver",
            lambda frames, but: seen.append((len(frames), set(but))) or deliver(frames, but),
        )
        return seen

    def test_entries_of_several_authors_go_to_all_of_them(self, world, people, monkeypatch):
        alice, bob, carol = people
        seen = self.deliveries(world, monkeypatch)
        for client in (alice, bob, alice):
            client.post(self.room)
        assert self.read(carol) == []
        world.timers.finish_pass()
        for client in people:
            assert self.read(client) == [1, 2, 3]
        assert seen == [(3, set())]

    def test_an_author_is_left_out_of_what_is_all_its_own(self, world, people, monkeypatch):
        alice, bob, _ = people
        seen = self.deliveries(world, monkeypatch)
        for _ in range(2):
            alice.post(self.room)
        world.timers.finish_pass()
        bob.post(self.room)
        world.timers.finish_pass()
        assert seen == [(2, {alice}), (1, {bob})]
        assert [self.read(client) for client in people] == [[3], [1, 2], [1, 2, 3]]

    def test_a_commit_is_the_same_for_all_whom_it_is_not_about(self, world, people, monkeypatch):
        alice, bob, carol = people
        seen = self.deliveries(world, monkeypatch)
        dave = world.enter("dave")
        dave.change(self.room, ["dave"])
        world.kick(self.room, "carol")
        world.timers.finish_pass()
        assert seen == [(1, {dave}), (1, {carol})]
        dave.subscribe(self.room, self.before + 2)
        alice.change(self.room)
        world.timers.finish_pass()
        assert seen[2:] == [(1, {alice})]
        read = [self.read(client) for client in (bob, carol, dave)]
        assert read == [[1, 2, 3], [1, 2], [3]]

    def test_many_leave_together(self, world, people, monkeypatch):
        alice, bob, carol = people
        seen = self.deliveries(world, monkeypatch)
        first = alice.post(self.room)
        second, third = (each.post(self.room, b"", kind=EntryKind.LEAVE) for each in (bob, alice))
        carol.post(self.room)
        # Who has left has got what was before that, then the replies, and nothing later.
        (text, _), (left, _) = bob.received[-2:]
        assert (text.seq - self.before, text.previous) == (1, None)
        assert (left.seq - self.before, left.id) == (2, second)
        (sent, _), (leave, _), (left, _) = alice.received[-3:]
        assert (sent.seq - self.before, sent.id) == (1, first)
        assert (leave.seq - self.before, leave.kind) == (2, EntryKind.LEAVE)
        assert (left.seq - self.before, left.id) == (3, third)
        gone = [len(each.received) for each in (alice, bob)]
        assert self.read(carol) == []
        world.timers.finish_pass()
        assert self.read(carol) == [1, 2, 3, 4]
        assert seen == [(4, set())]
        assert gone == [len(each.received) for each in (alice, bob)]

    def test_the_reply_comes_behind_what_was_before_it(self, world, people):
        alice, bob, _ = people
        for client in (bob, alice, bob):
            client.post(self.room)
        world.timers.finish_pass()
        names = [type(message).__name__ for message, _ in alice.received[-4:]]
        assert names == ["EntryEvent", "EntryEvent", "EntryEvent", "Appended"]

    def test_the_reply_stands_in_its_place_for_who_is_served_apart(self, world, people):
        alice, bob, _ = people
        world.forget()
        bob.post(self.room)
        alice.subscribe(self.room, self.before - 1)  # and reads that from the log
        for client in (alice, bob):
            client.post(self.room)
        world.timers.finish_pass()
        names = [type(message).__name__ for message, _ in alice.received[-2:]]
        assert names == ["Appended", "EntryEvent"]

    def test_who_leaves_gets_what_came_before_and_nothing_after(self, world, people):
        alice, bob, carol = people
        alice.post(self.room)
        bob.append(self.room, b"", kind=EntryKind.LEAVE)
        alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1]
        assert self.read(carol) == [1, 2, 3]

    def test_who_is_congested_reads_all_of_it_from_the_log(self, world, people):
        alice, bob, _ = people
        alice.post(self.room)
        world.timers.finish_pass()
        bob.lazy = bob.congested = True
        for _ in range(3):
            alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1]
        bob.congested = False
        bob.read()
        assert self.read(bob) == [1, 2, 3, 4]
        alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1, 2, 3, 4, 5]

    def test_what_was_read_from_the_log_is_not_delivered_again(self, world, people):
        alice, bob, carol = people
        carol.post(self.room)
        alice.post(self.room)
        bob.subscribe(
            self.room, self.before
        )  # and reads both from the log, before they are delivered
        alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1, 2, 3]
        alice.post(self.room)
        world.timers.finish_pass()
        assert self.read(bob) == [1, 2, 3, 4]
        assert self.read(carol) == [1, 2, 3, 4]

    def test_who_is_lost_meanwhile_is_passed_over(self, world, people):
        alice, bob, carol = people
        bob.subscribe(self.room, self.before)
        alice.post(self.room)
        carol.subscribe(self.room, self.before)
        world.service.end(bob.session)  # its outlet stays a little longer
        bob.congested = True
        world.timers.finish_pass()
        assert self.read(bob) == []
        assert self.read(carol) == [1]
