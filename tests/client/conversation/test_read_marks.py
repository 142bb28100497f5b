from geventim.chat.values import Kind
from geventim.client.conversation.read_marks import are_told, note
from geventim.client.events import Read

SOMEBODY = b"s" * 16


def test_people_tell_each_other_in_pairs_and_groups_and_not_in_rooms(world, alice, bob):
    alice.say("@bob hello", "@group set team bob")
    world.advance()
    assert are_told(alice.conversation(Kind.DM, "bob"))
    assert are_told(bob.conversation(Kind.GROUP, "team"))
    assert not are_told(alice.room())


def test_nobody_is_told_what_one_has_read_oneself(world, alice, bob):
    alice.say("@bob hello")
    world.advance()
    pair = alice.conversation(Kind.DM, "bob")
    note(pair, "alice", alice.agent.context.user.account, 5)
    alice.tick()
    assert alice.seen(Read) == []


def test_what_is_not_news_is_not_told(world, alice, bob):
    alice.say("@bob hello")
    world.advance()
    pair, account = alice.conversation(Kind.DM, "bob"), bob.agent.context.user.account
    for seq in (5, 5, 4, 0):
        note(pair, "bob", account, seq)
    alice.tick()
    assert len(alice.seen(Read)) == 1
