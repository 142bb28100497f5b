from geventim.client.conversation.turnover import Turnover, difference, tell_members
from geventim.client.events import Members, Notice, Speaker
from geventim.client.people import roster
from geventim.client.people.credentials import Somebody


def people(*nicks):
    return {nick.encode(): Somebody(nick.encode(), nick) for nick in nicks}


def test_who_is_in_it_and_what_that_changes():
    now = people("bob", "Alice", "carol")
    names = ("Alice", "bob", "carol")
    assert difference(now, None) == {"names": names, "new": (), "gone": ()}
    assert difference(now, now) == {"names": names, "new": (), "gone": ()}
    changed = difference(now, people("bob", "dora"))
    assert set(changed["new"]) == {"Alice", "carol"}
    assert changed["gone"] == ("dora",)


def test_members_are_told_by_the_names_that_are_believed(world, alice, bob):
    user = alice.agent.context.user
    now = roster.members(alice.room().group.vantage.public.tree)
    alice.news()
    tell_members(user, "lab", now, None)
    alice.tick()
    text = "You are in 'lab'. In it are: alice, bob."
    assert alice.news() == [Notice(text, "members", Speaker.CLIENT)]


def test_many_changes_are_what_they_come_to():
    turnover = Turnover("lab", "1d")
    turnover.add(Members("lab", ("bob", "carol"), (), "alice", ("bob",)))
    turnover.add(Members("lab", (), ("carol",), "alice"))
    assert turnover.tell() == [Members("lab", ("bob",), ("carol",), "alice", ("bob",), "1d")]
    turnover.add(Members("lab", ("dora",), (), "dora"))
    assert turnover.tell() == [Members("lab", ("bob", "dora"), ("carol",), "", ("bob",), "1d")]
