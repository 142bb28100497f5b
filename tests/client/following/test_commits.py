"""Commits that arrive: applied, invalid, or not what the server says they are."""

import msgspec
import pytest

from geventim.chat.replies import EntryEvent, Person
from geventim.chat.values import EntryKind, Kind
from geventim.client.causes import Cause
from geventim.client.events import Error
from geventim.client.following import commits
from geventim.client.following.foundation import found_charter
from geventim.client.kept.stages import Stage
from geventim.client.sealing.declaration import Declaration
from geventim.mls.groups.commit_creation import CommitRequest
from tests.client.insiders import change_commits, commit, make_noise, noise, remove

replace = msgspec.structs.replace


def on_commits(change, times=1):
    """A server that changes so many commits on their way."""
    left = [times]

    def tamper(message, payload):
        if isinstance(message, EntryEvent) and message.kind is EntryKind.COMMIT and left[0]:
            left[0] -= 1
            yield from change(message, payload)
        else:
            yield message, payload

    return tamper


def damage(entry, payload):
    middle = len(payload) // 2
    yield entry, payload[:middle] + bytes([payload[middle] ^ 1]) + payload[middle + 1 :]


def say(world, person, *lines):
    person.say(*lines)
    world.advance()


def test_one_that_was_damaged_on_its_way_does_not_count(world, alice, bob):
    """What the server shows to alice alone is another history; she stops when she finds out."""
    alice.tamper = on_commits(damage)
    (carol,) = world.enter("carol")
    world.advance(1)
    assert Cause.VOID.code in alice.errors()
    say(world, carol, "one", "two")
    assert alice.texts() == []
    alice.tamper = None
    alice.drop()
    alice.connect()
    world.advance()
    assert alice.room().stage is Stage.STOPPED
    assert alice.errors()[-1] == Cause.REPLACED_HISTORY.code
    say(world, alice, "@rejoin lobby")
    say(world, carol, "welcome back")
    assert alice.texts()[-1] == "welcome back"
    world.check_agreement()


def test_who_cannot_open_one_is_helped(world, alice, bob):
    world.enter("carol")
    world.advance(20)
    make_noise(world, bob, alice)
    assert alice.room().stage is Stage.OUTSIDE
    world.advance(0.2)
    assert alice.room().in_step
    assert alice.texts() == ["something for some"]
    assert alice.errors() == []
    world.check_agreement()


def test_between_two_it_is_the_same(world, alice, bob):
    say(world, alice, "@bob one")
    pair = alice.conversation(Kind.DM, "bob")
    world.advance(20)
    pair.record.renewed = 0
    with noise([alice], [bob]):
        say(world, alice, "@bob two")
    say(world, bob, "@alice three")
    assert bob.texts() == ["one", "two"]
    assert alice.texts() == ["three"]
    assert alice.errors() == bob.errors() == []
    world.check_group(pair.id)


def test_one_that_does_not_count_changes_nothing(world, alice, bob):
    change_commits(bob, lambda message, info: (bytes(len(message)), info))
    commit(world, bob)
    room = alice.room()
    assert room.record.head > room.record.base
    assert alice.errors()[0] == Cause.VOID.code
    world.advance(20)
    say(world, alice, "as if nothing had been")
    assert bob.texts() == ["as if nothing had been"], "bob is told, and comes again"
    world.check_agreement()


@pytest.mark.parametrize(
    "lie",
    [
        {"removed": (Person("bob", b"b" * 16, b"k" * 32),)},
        {"added": (Person("dave", b"d" * 16, b"k" * 32),)},
        {"author": "dave"},
    ],
)
def test_a_server_that_lies_about_who_comes_is_found_out(world, alice, bob, lie):
    alice.tamper = on_commits(lambda entry, payload: [(replace(entry, **lie), payload)])
    world.enter("carol")
    (error,) = alice.seen(Error)
    assert error.code == Cause.OTHER_CHANGE.code
    assert "added carol, removed nobody" in error.text
    world.check_agreement()


def test_who_is_removed_is_told_and_keeps_nothing(world, alice, bob):
    """The founder of a group removes whom it likes."""
    say(world, alice, "@group set team bob")
    group = alice.conversation(Kind.GROUP, "team")
    remove(world, alice, group, bob)
    assert "alice has removed you from 'team'." in bob.notices()
    held = bob.agent.context.conversations.get(group.id)
    assert (held.stage, held.seat) == (Stage.ABSENT, None)
    assert {name[:4] for name in bob.kept if group.id.hex() in name} <= {"talk", "read"}


class TestBeyond:
    """A commit goes on from another state than that by which we have just got in."""

    @pytest.fixture
    def carol(self, world, alice, bob):
        person = world.person("carol")
        person.connect()
        world.run()
        return person

    def disowns(self, person, message, author):
        """Whether ``person`` looks for another state after this commit, which does not count."""
        room = person.room()
        entry = EntryEvent(
            conversation=room.id,
            seq=room.record.head + 1,
            time=0,
            author=author.nick,
            account=author.agent.context.user.account,
            message_id=b"m" * 16,
            kind=EntryKind.COMMIT,
        )
        assert not commits.take(room, entry, message, b"")
        return room.seat is None

    def other(self, alice, epochs):
        """A commit in a group of the same id that has gone so many epochs."""
        room = alice.room()
        now = int(alice.world.timers.time)
        group = alice.agent.context.user.engine.found(room.id, found_charter(room), now)
        while group.epoch < epochs:
            group.merge(group.commit(CommitRequest((), now=now), public=True))
        return group.commit(CommitRequest((), now=now), public=True).message

    def unknown(self, person):
        """A commit in the group that is, by somebody who knows another history of it."""
        declared = Declaration(b"another history".ljust(32)).encode()
        now = int(person.world.timers.time)
        request = CommitRequest((), now=now, authenticated_data=declared)
        return person.room().group.commit(request, public=True).message

    def test_one_of_a_later_epoch_does(self, alice, carol):
        assert self.disowns(carol, self.other(alice, carol.room().group.epoch + 1), alice)
        assert len(carol.room().attempts) == 1
        assert carol.room().stage is Stage.OUTSIDE

    def test_one_of_an_earlier_epoch_was_only_late(self, alice, carol):
        assert not self.disowns(carol, self.other(alice, carol.room().group.epoch - 1), alice)

    def test_one_of_the_same_epoch_whose_author_is_somebody_else_here_does(self, bob, carol):
        message = self.other(bob, carol.room().group.epoch)
        assert self.disowns(carol, message, bob)

    def test_one_of_another_history_does(self, alice, carol):
        assert self.disowns(carol, self.unknown(alice), alice)

    def test_our_own_says_nothing(self, alice, carol):
        assert not self.disowns(carol, self.unknown(alice), carol)

    def test_nonsense_says_nothing(self, alice, carol):
        for nonsense in (b"", b"nonsense", self.unknown(alice)[:-1]):
            assert not self.disowns(carol, nonsense, alice)

    def test_one_that_breaks_another_rule_says_nothing(self, alice, carol):
        request = CommitRequest((), now=int(alice.world.timers.time))
        message = alice.room().group.commit(request, public=True).message
        assert not self.disowns(carol, message, alice)

    def test_where_it_is_certain_nothing_is_disowned(self, alice, carol):
        carol.room().record.entered = 0
        assert not self.disowns(carol, self.unknown(alice), alice)


class TestWelcomes:
    def test_one_without_our_keys_is_answered_by_joining_anew(self, world, alice, bob):
        packages = bob.agent.context.user.packages
        for name in [name for name in bob.kept if name.startswith("package/")]:
            packages._memory.drop(name)
        say(world, alice, "@group set team bob", "@group send team hello")
        assert bob.errors()[:1] == [Cause.LOST_WELCOME.code]
        say(world, alice, "@group send team again")
        assert bob.texts()[-1] == "again"
        world.check_agreement("team", Kind.GROUP)

    def test_one_that_was_damaged_is_answered_by_joining_anew(self, world, alice, bob):
        def cut(entry, payload):
            yield replace(entry, welcome=entry.welcome - 1), payload[:-1]

        bob.tamper = on_commits(cut)
        say(world, alice, "@group set team bob")
        assert bob.errors()[:1] == [Cause.BAD_WELCOME.code]
        say(world, alice, "@group send team again")
        assert bob.texts() == ["again"]
