import pytest

from geventim.chat import limits, replies, requests
from geventim.chat.values import EntryKind
from geventim.client.content import ContentKind, decode
from geventim.client.events import Group, GroupAction, Notice, Sent
from tests.client.scripted import FRIENDS, ready


@pytest.fixture
def scripted():
    return ready(FRIENDS)


def test_creating_a_group(scripted):
    scripted.type("@group set friends bob, carol,bob")
    request = scripted.expect(requests.CreateGroup)
    assert (request.name, request.members) == ("friends", ("bob", "carol"))
    assert len({request.conversation, request.message_id, bytes(16)}) == 3
    scripted.answer(replies.Opened, conversation=FRIENDS, members=("alice", "bob", "carol"))
    assert scripted.events() == [
        Group(GroupAction.CREATED, "friends", "alice"),
        Notice("Group friends created with members alice, bob, carol."),
    ]


@pytest.mark.parametrize(
    ("line", "code", "text", "advice"),
    [
        ("@group set g bob", "group_exists", "Group name already exists.", ""),
        ("@group set g x,y", "unknown_users", "Users 'x', 'y' not found.", "No group was created."),
        ("@group send g hi", "not_a_member", "You are not a member of group g.", ""),
        ("@group leave g", "no_group", "Group 'g' does not exist.", ""),
        ("@group delete g", "no_group", "Group 'g' does not exist.", ""),
    ],
)
def test_a_refusal_is_a_notice_with_the_servers_sentence(scripted, line, code, text, advice):
    scripted.type(line)
    scripted.asked()
    scripted.refuse(code, text, advice)
    assert scripted.events() == [Notice(f"{text} {advice}".strip(), code)]


def test_a_group_name_must_be_one(scripted):
    scripted.type("@group set [Server] bob")
    assert scripted.asked() == []
    assert scripted.events()[0].code == "bad_name"


def test_what_no_request_holds_is_not_sent(scripted):
    scripted.type("@group set g " + "b" * 1000)
    scripted.type("@group set g " + ",".join(f"b{n}" for n in range(limits.GROUP_MEMBERS + 1)))
    scripted.type(f"@group send {'g' * 1000} hi")
    assert scripted.asked() == []
    assert [event.code for event in scripted.events()] == ["bad_name", "too_many", "bad_name"]


def test_writing_to_a_group(scripted):
    scripted.type("@group send friends  how are  you ")
    assert scripted.expect(requests.OpenGroup).name == "friends"
    scripted.answer(replies.Opened, conversation=FRIENDS)
    ((request, payload),) = scripted.asked()
    assert request.conversation == FRIENDS.id
    content = decode(payload, "alice", frozenset({ContentKind.GROUP}))
    assert content.message == "how are  you"
    scripted.answer(replies.Appended, seq=4, time=0.0)
    (sent,) = scripted.events()
    assert sent == Sent(request.message_id.hex(), 4, "friends", ContentKind.GROUP, "how are  you")


@pytest.mark.parametrize(
    ("line", "kind", "action", "text"),
    [
        ("@group leave friends", EntryKind.LEAVE, GroupAction.LEFT, "You left group friends."),
        (
            "@group delete friends",
            EntryKind.DELETE,
            GroupAction.DELETED,
            "Group friends has been deleted.",
        ),
    ],
)
def test_leaving_and_deleting_a_group(scripted, line, kind, action, text):
    scripted.type(line)
    scripted.expect(requests.OpenGroup)
    scripted.answer(replies.Opened, conversation=FRIENDS)
    request = scripted.expect(requests.Append)
    assert (request.kind, request.conversation, request.payload) == (kind, FRIENDS.id, 0)
    scripted.answer(replies.Appended, seq=1, time=0.0)
    assert scripted.events() == [Group(action, "friends", "alice"), Notice(text)]


def test_who_may_not_delete_is_told(scripted):
    scripted.type("@group delete friends")
    scripted.answer(replies.Opened, conversation=FRIENDS)
    scripted.refuse("not_allowed", "Only its creator or an operator can delete a group.")
    assert scripted.events() == [
        Notice("Only its creator or an operator can delete a group.", "not_allowed")
    ]
