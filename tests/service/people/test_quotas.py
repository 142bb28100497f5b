"""What one account can make the server keep, and what others can make it a member of."""

from pathlib import Path

from geventim.chat import requests as ask
from geventim.chat.limits import ENTRY_SIZE
from geventim.chat.replies import Appended, Opened
from geventim.chat.values import Allowance
from geventim.log.changes import Expire
from geventim.service.bounds import USUAL, Bounds
from geventim.service.dispatch import Policy
from geventim.service.people.quotas import Quotas
from tests.service.doubles import World, fresh_id
from tests.service.identities import account

PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"


def test_the_quotas_are_those_of_the_documentation():
    text = " ".join(PROTOCOL.read_text("utf-8").split())
    quotas = Quotas()
    assert f"each with {ENTRY_SIZE} more, take {quotas.stored:,} bytes at most" in text
    assert f"at most {quotas.created:,} rooms and groups" in text
    assert f"who is in {quotas.places:,} conversations" in text


def bounded(bounds=USUAL, **quotas):
    world = World()
    world.policy = Policy(
        world.policy.server_key,
        world.policy.access,
        budgets=None,
        quotas=Quotas(**quotas),
        bounds=bounds,
    )
    world.start()
    return world


def create(client, name, **fields):
    fields.setdefault("message_id", fresh_id())
    return client.ask(ask.CreateGroup, name=name, members=(), **fields)


class TestStored:
    def test_a_flood_of_messages_ends_at_the_quota(self):
        world = bounded(stored=10 * (1_000 + ENTRY_SIZE))
        client = world.enter("mallory")
        room = client.room()
        replies = [client.append(room, bytes(1_000)) for _ in range(15)]
        assert [isinstance(reply, Appended) for reply in replies] == [True] * 10 + [False] * 5
        assert replies[-1].code == "quota_stored"
        assert world.store.usage(account("mallory").id).stored == 10 * (1_000 + ENTRY_SIZE)

    def test_one_account_may_have_other_bounds_than_all(self):
        world = bounded(stored=2 * ENTRY_SIZE, created=1)
        client, other = world.enter("mallory"), world.enter("alice")
        room = client.room()
        other.room()
        world.service.moderation.allow_more("mallory", Allowance(3 * ENTRY_SIZE, 2))
        codes = [getattr(client.append(room, b""), "code", "") for _ in range(4)]
        assert codes == ["", "", "", "quota_stored"]
        codes = [getattr(other.append(room, b""), "code", "") for _ in range(3)]
        assert codes == ["", "", "quota_stored"]
        assert [getattr(create(client, name), "code", "") for name in "ab"] == ["", "quota_created"]
        world.start()
        assert world.enter("mallory").append(room, b"").code == "quota_stored"
        world.service.moderation.allow_more("mallory", Allowance())
        assert world.service.census.bound(world.store.account_named("mallory")).created == 1

    def test_who_comes_back_is_counted_on(self):
        world = bounded(stored=3 * ENTRY_SIZE)
        client = world.enter("mallory")
        room = client.room()
        for _ in range(2):
            client.append(room, b"")
        client.lose()
        client = world.enter("mallory")
        assert isinstance(client.append(room, b""), Appended)
        world.start()
        assert world.enter("mallory").append(room, b"").code == "quota_stored"

    def test_what_expires_makes_room(self):
        world = bounded(stored=2 * ENTRY_SIZE)
        client = world.enter("alice")
        room = client.room()
        codes = [getattr(client.append(room, b""), "code", "") for _ in range(3)]
        assert codes == ["", "", "quota_stored"]
        world.store.commit([Expire(before=world.timers.now() + 1)])
        assert isinstance(client.append(room, b""), Appended)

    def test_leaving_and_fresh_keys_are_always_possible(self):
        world = bounded(stored=0)
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room()
        assert alice.append(room).code == "quota_stored"
        assert alice.change(room)
        assert isinstance(alice.leave(room), Appended)

    def test_others_are_not_concerned(self):
        world = bounded(stored=ENTRY_SIZE)
        alice, bob = world.enter("alice"), world.enter("bob")
        room = alice.room()
        bob.room()
        alice.append(room, b"")
        assert alice.append(room, b"").code == "quota_stored"
        assert isinstance(bob.append(room, b""), Appended)

    def test_memory_is_bounded(self):
        world = bounded(bounds=Bounds(stored=3))
        for nick in ("alice", "bob", "carol", "dave", "erin"):
            client = world.enter(nick)
            client.append(client.room())
        assert len(world.service._allotments._stored) == 3


class TestCreated:
    def test_nobody_creates_without_end(self):
        world = bounded(created=3)
        client = world.enter("mallory")
        client.open("den")
        groups = [create(client, f"group{number}") for number in range(4)]
        assert [getattr(reply, "code", "") for reply in groups] == ["", ""] + ["quota_created"] * 2
        reply = client.ask(ask.CreateRoom, name="other", message_id=fresh_id())
        assert reply.code == "quota_created"
        assert client.open("den")
        client.delete(groups[0].conversation.id)
        assert isinstance(create(client, "another"), Opened)

    def test_a_repetition_is_answered_as_before(self):
        world = bounded(created=1)
        client = world.enter("alice")
        first = create(client, "crew", message_id=b"c" * 16)
        again = create(client, "crew", message_id=b"c" * 16)
        assert again.conversation.id == first.conversation.id

    def test_two_people_can_always_talk(self):
        world = bounded(created=0)
        alice, _ = world.enter("alice"), world.enter("bob")
        assert isinstance(alice.append(alice.dm("bob")), Appended)


class TestPlaces:
    def test_nobody_is_put_into_conversations_without_end(self):
        world = bounded(places=2)
        mallory, bob, _ = (world.enter(nick) for nick in ("mallory", "bob", "carol"))
        for number in range(2):
            mallory.group(f"group{number}", "bob")
        group = create(mallory, "third").conversation.id
        turn = mallory.turn(group)
        reply = mallory.commit(group, ["bob", "carol"], head=turn.head)
        assert (reply.code, reply.text.split()[0]) == ("quota_places", "bob")
        assert "carol" not in reply.text
        assert world.store.members(group) == [account("mallory").id]
        assert bob.room("den")  # where oneself goes, nobody is asked
        bob.leave(world.store.memberships(account("bob").id)[0].conversation.id)
        bob.leave(bob.room("den"))
        assert mallory.change(group, ["bob", "carol"])

    def test_without_quotas_everything_is_kept(self):
        world = World()
        world.policy = Policy(world.policy.server_key, world.policy.access, quotas=None)
        world.start()
        client = world.enter("alice")
        assert isinstance(client.append(client.room(), bytes(10)), Appended)
        assert isinstance(create(client, "crew"), Opened)
