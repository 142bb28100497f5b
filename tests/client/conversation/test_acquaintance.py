"""Meeting people in conversations, with a real service in between."""

from geventim.chat.values import Kind
from geventim.client.conversation.acquaintance import call, distrust, meet
from geventim.client.events import Error, KeyChanged, Members, Message, Notice, Speaker
from geventim.client.people.credentials import Somebody
from geventim.client.people.directory import account_name
from geventim.client.people.identity_file import Identity
from geventim.client.people.profile import ENTRY, NICK
from geventim.client.people.trust import News, Standing
from geventim.crypto.readable import encode_key
from tests.client.hostile import damaged, on_commits
from tests.client.person import SERVER_KEY
from tests.client.world import World

OTHER = b"o" * 32


def identity(person):
    return person.profile.keys.identity.public


def trust(person):
    return person.agent.context.user.trust


def know_another(person, nick):
    """Let ``person`` have met somebody else who was called ``nick``."""
    trust(person).see(nick, OTHER)


def world(*nicks):
    made = World(7)
    return made, made.enter(*nicks)


def test_members_are_pinned_when_we_come_and_when_they_come():
    _, (alice, bob) = world("alice", "bob")
    assert trust(alice).pin("bob").identity == identity(bob)
    assert trust(bob).pin("alice").identity == identity(alice)
    assert trust(alice).pin("alice").identity == identity(alice)


def test_a_stranger_under_a_nick_that_we_know_is_called_by_the_account():
    """As long as nobody but the stranger says so."""
    _, (alice, _) = world("alice", "bob")
    user = alice.agent.context.user
    account = b"m" * 16
    assert call(user, Somebody(account, "bob")) == account_name(account)
    assert call(user, Somebody(account, "mia")) == "mia"


def test_newcomers_and_what_they_say_bear_their_state():
    made, (alice, bob) = world("alice", "bob")
    assert alice.seen(Members)[-1].verified == ()
    trust(bob).show("alice")
    trust(bob).verify("alice")
    alice.say("hello")
    made.run()
    (message,) = bob.seen(Message)
    assert message.verified
    bob.say("hello")
    made.run()
    (message,) = alice.seen(Message)
    assert not message.verified
    trust(alice).see("carol", identity(made.person("carol")))
    trust(alice).show("carol")
    trust(alice).verify("carol")
    made.enter("carol")
    assert alice.seen(Members)[-1].verified == ("carol",)
    assert bob.seen(Members)[-1].verified == ()


def test_in_a_room_another_key_is_one_warning():
    made = World(7)
    alice, bob = made.person("alice"), made.person("bob")
    know_another(alice, "bob")
    made.enter("alice", "bob")
    warnings = alice.seen(KeyChanged)
    assert warnings == [KeyChanged("bob", encode_key(identity(bob)), News.OTHER_KEY, "bob")]
    bob.say("it is me")
    alice.say("is it?")
    made.run()
    assert alice.texts() == ["it is me"]
    assert bob.texts() == ["is it?"]
    assert not alice.seen(Message)[0].verified
    assert alice.seen(KeyChanged) == warnings


def test_nothing_is_sent_in_private_until_the_key_is_trusted():
    made = World(7)
    alice, bob = made.person("alice"), made.person("bob")
    know_another(alice, "bob")
    made.enter("alice", "bob")
    alice.say("@bob for you alone")
    made.advance()
    assert alice.errors() == ["untrusted"]
    assert bob.texts() == []
    alice.say("@trust bob", "@bob for you alone")
    made.advance()
    assert bob.texts() == ["for you alone"]


def test_nothing_is_sent_to_a_group_until_all_are_trusted():
    made, (alice, bob, carol) = world("alice", "bob", "carol")
    alice.say("@group set team bob,carol", "@group send team one")
    made.advance()
    assert bob.texts("team") == ["one"]
    trust(alice)._forget("carol")
    know_another(alice, "carol")
    carol.say("@group send team two")
    made.advance()
    assert alice.texts("team") == ["two"]
    alice.say("@group send team three")
    made.advance()
    assert alice.errors() == ["untrusted"]
    assert bob.texts("team") == ["one", "two"]
    alice.say("@trust carol", "@group send team four")
    made.advance()
    assert bob.texts("team") == ["one", "two", "four"]
    assert carol.texts("team") == ["one", "four"]


def test_who_is_not_trusted_is_not_put_into_a_group():
    made = World(7)
    know_another(made.person("alice"), "carol")
    alice, bob, carol = made.enter("alice", "bob", "carol")
    alice.say("@group set team bob,carol", "@group send team hello")
    made.advance()
    assert alice.errors() == ["untrusted"]
    assert bob.texts("team") == ["hello"]
    assert carol.texts("team") == []


def test_rooms_are_never_distrusted():
    _, (alice, _) = world("alice", "bob")
    group = alice.room().group
    user = alice.agent.context.user
    assert distrust(user, Kind.GROUP, group) is None
    trust(alice)._forget("bob")
    know_another(alice, "bob")
    assert distrust(user, Kind.GROUP, group).code == "untrusted"
    assert distrust(user, Kind.ROOM, group) is None


def test_oneself_is_known():
    _, (alice,) = world("alice")
    assert meet(alice.agent.context.user, "alice", identity(alice)) is Standing.VERIFIED
    assert meet(alice.agent.context.user, "alice", OTHER) is Standing.CHANGED


def test_pins_outlive_the_process():
    made, (alice, bob) = world("alice", "bob")
    made.run()
    alice.start()
    made.run()
    assert trust(alice).pin("bob").identity == identity(bob)


def test_who_moves_gets_in_everywhere_anew():
    made, (alice, bob) = world("alice", "bob")
    alice.say("@newkey den", "@group set team bob")
    made.advance()
    key = next(text for text in alice.notices() if "key of 'den'" in text).split(": ")[1]
    bob.say(f"@join den {key.replace(' ', '')}", "@alice hello")
    made.advance()
    assert bob.errors() == []
    kept = {**bob.kept, ENTRY: bob.profile.keys.encode()}
    moved = Identity.of("bob", "127.0.0.1:5555", SERVER_KEY, kept)
    alice.say("before bob came", "@leave den")
    made.advance()
    bob.news()
    kept = moved.values()
    bob.start({name: kept[name] for name in kept.keys() - {ENTRY, NICK}})
    made.advance(60)
    stayed = "What was written in 'den' until now cannot be read here."
    news = bob.news()
    assert Notice(stayed, "moved", Speaker.CLIENT) in news
    assert not [event for event in news if isinstance(event, Error | Members)]
    alice.say(f"@join den {key}")
    made.advance()
    for text in ("@group send team one", "@bob two", "@join den", "three"):
        alice.say(text)
        made.advance()
    assert bob.texts("team") == ["one"]
    assert bob.texts("alice") == ["two"]
    assert bob.texts("den") == ["before bob came", "three"]
    assert trust(bob).pin("alice").identity == identity(alice)
    carol = made.person("carol")
    carol.connect()
    made.advance()
    carol.say("@bob with a key package of here")
    made.advance()
    assert bob.texts("carol") == ["with a key package of here"]
    made.check_agreement("den")
    made.check_agreement("team", Kind.GROUP)
    assert not [name for name in bob.kept if name.startswith("key/")]


def test_who_has_moved_is_told_of_what_moving_does_not_explain():
    made, (bob, carol) = world("bob", "carol")
    kept = {**bob.kept, ENTRY: bob.profile.keys.encode()}
    kept = Identity.of("bob", "127.0.0.1:5555", SERVER_KEY, kept).values()
    bob.start({name: kept[name] for name in kept.keys() - {ENTRY, NICK}})
    made.advance(60)
    bob.tamper = on_commits(lambda entry, payload: [(entry, damaged(payload))])
    carol.say("@bob hello")
    made.advance()
    assert bob.errors() == ["bad_welcome"]
