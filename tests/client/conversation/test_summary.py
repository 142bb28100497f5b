from geventim.chat.values import Kind
from geventim.client.conversation.summary import describe, mark
from geventim.client.people.trust import Standing


def test_a_list_says_what_is_kept_of_a_conversation(world, alice, bob):
    bob.say("one", "two @alice")
    world.run()
    alice.room().bookmark.write("hello ther")
    alice.room().bookmark.mute(is_muted=True)
    listed = describe(alice.room())
    assert (listed.id, listed.name, listed.kind) == (alice.room().hex, "lobby", Kind.ROOM)
    assert (listed.unread, listed.mentions, listed.read, listed.members) == (2, 1, 0, 2)
    assert (listed.draft, listed.muted) == ("hello ther", True)


def test_the_trust_in_it_is_the_least_of_all_others(world, alice, bob):
    assert describe(alice.room()).trust is Standing.UNVERIFIED
    alice.say("@verify bob", "@verify bob ok")
    world.run()
    assert describe(alice.room()).trust is Standing.VERIFIED
    world.enter("carol")
    assert describe(alice.room()).trust is Standing.UNVERIFIED
    assert describe(alice.room()).members == 3


def test_one_whose_keys_are_not_here_yet_is_listed(world, alice, bob):
    alice.say("@bob hi")
    world.advance()
    dm = alice.conversation(Kind.DM, "bob")
    dm.give_up_seat()
    assert (describe(dm).members, describe(dm).trust) == (2, Standing.UNVERIFIED)
    room = alice.room()
    room.give_up_seat()
    assert (describe(room).members, describe(room).trust) == (0, Standing.UNVERIFIED)


def test_its_mark_changes_with_what_is_said_of_it(world, alice, bob):
    room = alice.room()
    marks = [mark(room)]
    assert mark(room) == marks[0]
    for change in (
        lambda: room.bookmark.note(mention=True),
        lambda: room.bookmark.move(1),
        lambda: room.bookmark.write("x"),
        lambda: room.bookmark.mute(is_muted=True),
        lambda: world.enter("carol"),
        lambda: (alice.say("@verify bob", "@verify bob ok"), world.run()),
        room.exclude,
    ):
        change()
        marks.append(mark(room))
    assert len(set(marks)) == len(marks)
