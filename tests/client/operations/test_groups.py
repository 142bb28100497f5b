import pytest

from geventim.chat import limits, requests
from geventim.chat.departures import Deletion, Departure
from geventim.chat.replies import Opened
from geventim.chat.values import EntryKind, Kind
from geventim.client import wishes
from geventim.client.answers import Result
from geventim.client.conversation.conversation import roster
from geventim.client.events import Group, GroupAction, Members, Message, Notice, Sent, Speaker
from geventim.client.sealing.content import ContentKind
from geventim.client.sealing.departures import verify_deletion, verify_leave


@pytest.fixture
def carol(world, bob, alice):
    (person,) = world.enter("carol")
    for each in (alice, bob, person):
        each.news()
    return person


def run(world, person, *lines):
    person.news()
    person.say(*lines)
    world.run()
    return person.news()


def test_creating_one_tells_creator_and_members(world, alice, bob, carol):
    shown = run(world, alice, "@group set team bob, carol")
    assert Group(GroupAction.CREATED, "team", "alice", alice.place("team")) in shown
    assert Notice("Group team created with members alice, bob, carol.") in shown
    for member in (bob, carol):
        assert [event for event in member.news() if isinstance(event, Group | Notice)] == [
            Group(GroupAction.ADDED, "team", "alice", alice.place("team")),
            Notice("You have been added to group 'team' by alice.", "added"),
            Notice("You are in 'team'. In it are: alice, bob, carol.", "members", Speaker.CLIENT),
        ]
    world.check_agreement("team", Kind.GROUP)


def test_one_commit_founds_it_with_all_its_members(world, alice, bob, carol):
    before = len(alice.requests(requests.Commit))
    run(world, alice, "@group set team bob,carol")
    (commit,) = alice.requests(requests.Commit)[before:]
    assert set(commit.added) == {bob.agent.context.user.account, carol.agent.context.user.account}


@pytest.mark.parametrize(
    ("line", "code", "text"),
    [
        ("@group set team bob", "group_exists", "Group name already exists."),
        ("@group set x zoe", "unknown_users", "User 'zoe' not found. No group was created."),
        ("@group set TEAM bob", "group_exists", "Group name already exists."),
        ("@group set tearn bob", "group_exists", "Group name already exists."),
        ("@group send g hi", "not_a_member", "You are not a member of group g."),
        ("@group leave g", "not_a_member", "You are not a member of group g."),
        ("@group delete g", "not_a_member", "You are not a member of group g."),
    ],
)
def test_a_refusal_is_a_notice_with_its_sentence(world, alice, bob, line, code, text):
    run(world, bob, "@group set team alice")
    assert run(world, alice, line) == [Notice(text, code)]


def test_a_group_name_must_be_one(world, alice):
    (error,) = run(world, alice, "@group set [Server] bob")
    assert error.code == "bad_name"


def test_what_no_request_holds_is_not_sent(world, alice):
    before = len(alice.asked)
    many = ",".join(f"b{n}" for n in range(limits.GROUP_MEMBERS + 1))
    shown = run(
        world,
        alice,
        "@group set g " + "b" * 1000,
        f"@group set g {many}",
        f"@group send {'g' * 1000} hi",
    )
    assert len(alice.asked) == before
    assert [event.code for event in shown] == ["bad_name", "too_many", "bad_name"]


def test_writing_to_a_group_reaches_its_members_alone(world, alice, bob, carol):
    run(world, alice, "@group set team bob")
    (sent,) = run(world, alice, "@group send team  how are  you ")
    assert isinstance(sent, Sent)
    assert (sent.conversation, sent.kind) == ("team", ContentKind.GROUP)
    (message,) = bob.seen(Message)
    assert (message.conversation, message.message) == ("team", "how are  you")
    assert carol.texts() == []
    text = "You are not a member of group team."
    assert run(world, carol, "@group send team let me in") == [Notice(text, "not_a_member")]


def test_leaving_one(world, alice, bob, carol):
    run(world, alice, "@group set team bob,carol")
    assert run(world, bob, "@group leave team") == [
        Group(GroupAction.LEFT, "team", "bob", alice.place("team")),
        Notice("You left group team."),
    ]
    for member in (alice, carol):
        news = member.news()
        assert Group(GroupAction.LEFT, "team", "bob", alice.place("team")) in news
        assert Notice("bob left group team.", "left_group") in news
    run(world, alice, "@group send team without bob")
    assert bob.texts() == []
    assert carol.texts() == ["without bob"]
    team = alice.conversation(Kind.GROUP, "team")
    assert len(list(team.group.members())) == 2


def members(person, name="team"):
    group = person.conversation(Kind.GROUP, name)
    return sorted(somebody.nick for somebody in roster.members(group.seat_of().tree).values())


def test_somebody_is_added_later(world, alice, bob, carol):
    run(world, alice, "@group set team bob")
    bob.news()
    assert Members("team", ("carol",), (), "alice", (), alice.place("team")) in run(
        world, alice, "@group add team carol"
    )
    assert Members("team", ("carol",), (), "alice", (), alice.place("team")) in bob.news()
    assert Group(GroupAction.ADDED, "team", "alice", alice.place("team")) in carol.news()
    run(world, carol, "@group send team hello")
    assert alice.texts() == bob.texts() == ["hello"]
    assert members(carol) == ["alice", "bob", "carol"]
    world.check_agreement("team", Kind.GROUP)


def test_who_is_named_twice_is_added_and_removed_once(world, alice, bob, carol):
    alice.say("@group set team bob")
    world.run()
    team = alice.place("team")
    alice.wish(wishes.Add(id=1, conversation=team, members=("carol", "Carol")))
    world.run()
    alice.wish(wishes.Remove(id=2, conversation=team, members=("carol", "carol")))
    world.run()
    assert alice.answers() == {1: Result(), 2: Result()}
    alice.wish(wishes.CreateGroup(id=3, name="other", members=("bob", "BOB", "alice")))
    world.run()
    assert alice.answers()[3].present == ("alice", "bob")


def test_any_member_adds(world, alice, bob, carol):
    run(world, alice, "@group set team bob")
    run(world, bob, "@group add team carol")
    assert members(alice) == members(carol) == ["alice", "bob", "carol"]


def test_its_founder_puts_somebody_out(world, alice, bob, carol):
    run(world, alice, "@group set team bob,carol")
    bob.news()
    removed = Members("team", (), ("bob",), "alice", (), alice.place("team"))
    assert removed in run(world, alice, "@group remove team BOB")
    assert removed in bob.news()
    assert removed in carol.news()
    run(world, alice, "@group send team without bob")
    assert bob.texts() == []
    assert carol.texts() == ["without bob"]
    assert members(carol) == ["alice", "carol"]
    assert run(world, bob, "@group send team hi")[0].code == "not_a_member"


def test_who_was_put_out_can_be_let_in_again(world, alice, bob):
    run(world, alice, "@group set team bob")
    run(world, alice, "@group remove team bob", "@group add team bob")
    run(world, bob, "@group send team back")
    assert alice.texts() == ["back"]


def test_who_has_just_left_can_be_let_in_again_at_once(world, alice, bob, carol):
    run(world, alice, "@group set team bob,carol")
    run(world, bob, "@group leave team")
    assert alice.conversation(Kind.GROUP, "team").record.departed, "its leaf is there yet"
    assert run(world, alice, "@group remove team bob")[0].code == "no_member"
    run(world, alice, "@group add team bob")
    run(world, bob, "@group send team back")
    assert alice.texts() == carol.texts() == ["back"]
    world.check_agreement("team", Kind.GROUP)


def test_many_are_changed_by_one_commit(world, alice, bob, carol):
    run(world, alice, "@group set team nobody", "@group set team bob")
    run(world, alice, "@group remove team bob")
    before = len(alice.requests(requests.Commit))
    run(world, alice, "@group add team bob, carol")
    assert len(alice.requests(requests.Commit)[before:]) == 1
    assert members(alice) == ["alice", "bob", "carol"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("@group add team bob", "is_member"),
        ("@group add team alice", "is_member"),
        ("@group add team zoe", "user_not_found"),
        ("@group add team [Server]", "bad_name"),
        ("@group add other carol", "not_a_member"),
        ("@group remove team carol", "no_member"),
        ("@group remove team alice", "to_oneself"),
        ("@group remove other bob", "not_a_member"),
    ],
)
def test_what_cannot_be_changed_is_told(world, alice, bob, carol, line, code):
    run(world, alice, "@group set team bob")
    before = len(alice.requests(requests.Commit))
    shown = run(world, alice, line, "@group send team and on")
    assert code in [getattr(event, "code", "") for event in shown]
    assert len(alice.requests(requests.Commit)) == before
    assert bob.texts() == ["and on"]


def test_who_has_not_founded_it_puts_nobody_out(world, alice, bob, carol):
    run(world, alice, "@group set team bob,carol")
    (error,) = run(world, bob, "@group remove team carol")
    assert error.code == "not_allowed"
    assert members(carol) == ["alice", "bob", "carol"]


def test_a_change_survives_a_lost_connection(world, alice, bob, carol):
    run(world, alice, "@group set team bob")
    alice.say("@group add team carol")
    alice.drop()
    alice.connect()
    world.advance()
    assert members(carol) == ["alice", "bob", "carol"]


def test_the_groups_that_one_is_in_are_listed(world, alice, bob):
    run(world, alice, "@group set team bob", "@group set Club bob")
    (notice,) = run(world, bob, "@groups")
    assert notice.text == "Groups: Club, team"
    run(world, bob, "@group leave team", "@group leave club")
    assert run(world, bob, "@groups")[0].text == "Groups: none"


def test_deleting_one(world, alice, bob):
    run(world, alice, "@group set team bob")
    bob.news()
    (refusal,) = run(world, bob, "@group delete team")
    assert refusal.code == "not_allowed"
    deleted = [
        Group(GroupAction.DELETED, "team", "alice", alice.place("team")),
        Notice("Group team has been deleted.", "group_deleted"),
    ]
    assert run(world, alice, "@group delete team") == deleted
    assert bob.news() == deleted
    assert run(world, bob, "@group send team hi") == [
        Notice("Group 'team' does not exist.", "no_group")
    ]


def test_an_operator_may_delete_a_group_that_somebody_else_made(world, alice, bob, carol):
    run(world, alice, "@group set team bob,carol")
    world.service.moderation.make_operator("carol")
    shown = run(world, carol, "@group delete team")
    assert Notice("Group team has been deleted.", "group_deleted") in shown
    assert Group(GroupAction.DELETED, "team", "carol", alice.place("team")) in bob.news()


def test_nobody_learns_which_groups_there_are(world, alice, bob, carol):
    """Not from an answer, and not from what is asked: nothing is."""
    run(world, alice, "@group set team bob")
    before = len(carol.asked)
    for name in ("team", "none"):
        answers = [
            Notice(f"You are not a member of group {name}.", "not_a_member") for _ in range(3)
        ]
        lines = (f"@group send {name} hi", f"@group leave {name}", f"@group delete {name}")
        assert run(world, carol, *lines) == answers
    assert len(carol.asked) == before
    shown = run(world, carol, "@group set team bob")
    assert Notice("Group team created with members carol, bob.") in shown


def test_a_group_of_a_name_that_one_has_is_called_after_its_founder(world, alice, bob, carol):
    run(world, alice, "@group set team bob")
    run(world, carol, "@group set team alice,bob", "@group send team from carol")
    for member in (alice, bob):
        news = member.news()
        assert Notice("You have been added to group 'team-carol' by carol.", "added") in news
        assert member.texts("team-carol") == ["from carol"]
        assert member.texts("team") == []
    run(world, alice, "@group send team-carol to three", "@group send team to two")
    assert (bob.texts("team-carol")[1:], bob.texts("team")) == (["to three"], ["to two"])
    assert carol.texts("team") == ["to three"]
    bob.start()
    world.run()
    assert run(world, bob, "@group leave team-carol")[-1] == Notice("You left group team-carol.")
    run(world, alice, "@group send team still here")
    assert bob.texts("team")[-1] == "still here"


def test_a_group_that_looks_like_ones_own_or_like_a_friend_is_told_apart(world, alice, bob, carol):
    run(world, alice, "@group set modern bob", "@bob hi", "@create room hall")
    for name in ("modem", "b0b", "ha1l"):
        run(world, carol, f"@group set {name} alice")
        assert alice.conversation(Kind.GROUP, f"{name}-carol").in_step


def test_a_group_is_not_put_in_the_place_of_one_that_is_being_made(world, alice, bob, carol):
    """Somebody who knows the name adds alice to a group of theirs while she makes her own."""
    held = []
    alice.tamper = lambda message, payload: (
        held.append((message, payload)) or []
        if isinstance(message, Opened)
        else [(message, payload)]
    )
    run(world, alice, "@group set team bob", "@group send team secret")
    run(world, carol, "@group set team alice")
    alice.tamper = None
    alice.tell(*held[0])
    world.run()
    assert bob.texts("team") == ["secret"]
    assert carol.texts() == []


def test_a_new_group_of_an_old_name_inherits_nothing(world, alice, bob, carol):
    run(world, alice, "@group set team bob", "@group send team old", "@group delete team")
    run(world, carol, "@group set team alice", "@group send team new")
    assert alice.texts("team") == ["new"]
    assert bob.texts("team") == ["old"]
    text = "Group 'team' does not exist."
    assert run(world, bob, "@group send team hi") == [Notice(text, "no_group")]


def test_a_member_that_was_away_reads_what_was_written(world, alice, bob):
    bob.drop()
    run(world, alice, "@group set team bob", "@group send team one", "@group send team two")
    bob.connect()
    world.run()
    assert bob.texts("team") == ["one", "two"]
    assert "You have been added to group 'team' by alice." in bob.notices()


def test_who_left_no_key_packages_is_named_and_the_others_are_in(world, alice, bob, carol):
    account = carol.agent.context.user.account
    world.store._key_packages.pop(account)
    shown = run(world, alice, "@group set team bob,carol")
    assert [event.code for event in shown if hasattr(event, "code") and event.code] == [
        "no_key_package"
    ]
    assert Notice("Group team created with members alice, bob.") in shown


def test_leaves_and_deletes_are_signed(world, alice, bob):
    run(world, alice, "@group set team bob")
    record = alice.conversation(Kind.GROUP, "team").record
    key = bob.conversation(Kind.GROUP, "team").seat_of().leaf.encryption_key
    run(world, bob, "@group leave team")
    run(world, alice, "@group delete team")
    ((leave, departure),) = appends(bob)
    identity = bob.profile.keys.identity.public
    verify_leave(Departure.decode(departure), identity, record.id, record.incarnation)
    assert (leave.kind, Departure.decode(departure).leaf) == (EntryKind.LEAVE, key)
    ((delete, deletion),) = appends(alice)
    identity = alice.profile.keys.identity.public
    verify_deletion(Deletion.decode(deletion), identity, record.id, record.incarnation)
    assert delete.kind is EntryKind.DELETE


def appends(person):
    return [each for each in person.asked if isinstance(each[0], requests.Append)]
