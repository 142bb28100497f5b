import pytest

from geventim.chat import replies, requests
from geventim.chat.names import RESERVED
from geventim.client.commands import COMMANDS, GROUP_COMMANDS
from geventim.client.content import ContentKind, decode
from geventim.client.events import Error, Notice, Speaker
from tests.client.scripted import BOB, ready

ROOM = frozenset({ContentKind.ROOM})


@pytest.fixture
def scripted():
    return ready(BOB)


def said(scripted):
    """The texts that went to the room."""
    return [
        decode(payload, "alice", ROOM).message
        for request, payload in scripted.asked()
        if isinstance(request, requests.Append)
    ]


@pytest.mark.parametrize("line", ["@names", "/names", "@NAMES", "  @names", "@names  ", "\t/Names"])
def test_a_command_is_known_by_either_sign_in_any_case(scripted, line):
    scripted.type(line)
    scripted.expect(requests.ListNames)


@pytest.mark.parametrize(("line", "text"), [("@@bob hi", "@bob hi"), ("//quit", "/quit")])
def test_twice_the_sign_sends_the_rest(scripted, line, text):
    scripted.type(line)
    assert said(scripted) == [text]


def test_a_sign_within_a_line_means_nothing(scripted):
    scripted.type("see you @quit", "a/b")
    assert said(scripted) == ["see you @quit", "a/b"]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("@nmaes", "names"),
        ("@name", "names"),
        ("/statuss dnd", "status"),
        ("@secrt bob key text", "secret"),
        ("@qui", "quit"),
        ("@Hlep", "help"),
        ("@gruop send g text", "group"),
        ("@opne 3 key", "open"),
    ],
)
def test_a_mistyped_command_is_an_error_with_the_nearest_one(scripted, line, meant):
    scripted.type(line)
    word = line.split()[0][1:]
    assert scripted.expect(requests.OpenDm).nick == word
    scripted.refuse("user_not_found", f"User '{word}' not found.")
    (event,) = scripted.events()
    assert (type(event), event.code) == (Error, "unknown_command")
    assert f"'@{meant}'" in event.text
    assert COMMANDS[meant].usage in event.text
    assert scripted.asked() == []


def test_a_nick_that_looks_like_a_command_is_a_nick(scripted):
    scripted.type("@name hi")
    scripted.answer(replies.Opened, conversation=BOB)
    ((request, _),) = scripted.asked()
    assert isinstance(request, requests.Append)


@pytest.mark.parametrize("line", ["@zoe hi", "/zoe", "@history", "@verify bob"])
def test_a_word_that_nobody_is_called(scripted, line):
    scripted.type(line)
    word = line.split()[0][1:]
    if scripted.asked():
        scripted.refuse("user_not_found", f"User '{word}' not found.")
    assert scripted.events() == [Notice(f"User '{word}' not found.", "user_not_found")]
    assert scripted.asked() == []


@pytest.mark.parametrize(
    "word", ["[Server]", "a\x1b[2Jb", "x" * 5000, "b\u043eb", "\u202ebob", "a,b", "?"]
)
def test_a_word_that_is_no_name_is_not_asked_for(scripted, word):
    scripted.type(f"@{word} text")
    assert scripted.asked() == []
    assert scripted.events() == [Notice(f"User '{word}' not found.", "user_not_found")]


@pytest.mark.parametrize("line", ["@", "/", "@ text", "/ text", "  @  "])
def test_a_sign_alone_is_never_sent(scripted, line):
    scripted.type(line)
    assert scripted.asked() == []
    assert [event.code for event in scripted.events()] == ["usage"]


def test_a_nick_without_a_text(scripted):
    scripted.type("@bob")
    scripted.answer(replies.Opened, conversation=BOB)
    assert scripted.events() == [Error("usage", "Usage: @bob text")]
    assert scripted.asked() == []


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("@secret", COMMANDS["secret"].usage),
        ("@secret bob", COMMANDS["secret"].usage),
        ("@secret bob key", COMMANDS["secret"].usage),
        ("@open", COMMANDS["open"].usage),
        ("@open three", COMMANDS["open"].usage),
        ("@open ³ key", COMMANDS["open"].usage),
        ("@open -1 key", COMMANDS["open"].usage),
        ("@open " + "9" * 5000, COMMANDS["open"].usage),
        ("@group set", GROUP_COMMANDS["set"].usage),
        ("@group set g", GROUP_COMMANDS["set"].usage),
        ("@group set g ,,", GROUP_COMMANDS["set"].usage),
        ("@group send g", GROUP_COMMANDS["send"].usage),
        ("@group leave", GROUP_COMMANDS["leave"].usage),
        ("@group leave g now", GROUP_COMMANDS["leave"].usage),
        ("@group delete", GROUP_COMMANDS["delete"].usage),
        ("@group delete g now", GROUP_COMMANDS["delete"].usage),
    ],
)
def test_a_line_that_does_not_fit_says_how_it_would(scripted, line, usage):
    scripted.type(line)
    assert scripted.asked() == []
    assert scripted.events() == [Error("usage", f"Usage: {usage}")]


@pytest.mark.parametrize(
    ("line", "meant"), [("@group", None), ("@group dance g", None), ("@group sned g hi", "send")]
)
def test_what_groups_do_not_do_names_what_they_do(scripted, line, meant):
    scripted.type(line)
    (event,) = scripted.events()
    assert (type(event), event.code) == (Error, "usage")
    assert all(f"'{action}'" in event.text for action in ("set", "send", "leave", "delete"))
    if meant:
        assert GROUP_COMMANDS[meant].usage in event.text
    assert scripted.asked() == []


def test_help_names_everything(scripted):
    scripted.type("@help")
    events = scripted.events()
    assert {event.speaker for event in events} == {Speaker.CLIENT}
    shown = [event.text for event in events]
    for command in (*COMMANDS.values(), *GROUP_COMMANDS.values()):
        if command.name != "group":
            assert f"{command.usage}: {command.help}" in shown
    assert any(text.startswith("@@TEXT") for text in shown)
    assert any(text.startswith("@NICK TEXT") for text in shown)


@pytest.mark.parametrize("line", ["@help status", "/help @status", "@help /STATUS"])
def test_help_on_one_command(scripted, line):
    scripted.type(line)
    (event,) = scripted.events()
    assert event.text.startswith("@status")


def test_help_on_groups_is_about_all_they_do(scripted):
    scripted.type("@help group")
    assert len(scripted.events()) == len(GROUP_COMMANDS)


def test_help_on_nothing(scripted):
    scripted.type("@help dance")
    assert [event.code for event in scripted.events()] == ["usage"]


def test_another_refusal_of_a_nick_is_told_as_it_is(scripted):
    scripted.type("@bob hi")
    scripted.asked()
    scripted.refuse("oneself", "You cannot write to yourself.")
    assert scripted.events() == [Notice("You cannot write to yourself.", "oneself")]


def test_every_line_that_begins_with_a_sign_stays_out_of_the_room(scripted):
    lines = ["@x y", "/x y", "@[ y", "@quite so", "/@bob hi", "@/bob hi", "@" + "y" * 200]
    for line in lines:
        scripted.type(line)
        while scripted.asked() or scripted.open:
            assert not isinstance(scripted.open[0][0], requests.Append)
            scripted.refuse("user_not_found", "User not found.")
    assert len(scripted.events()) == len(lines)


def test_every_command_is_a_reserved_word():
    assert set(COMMANDS) <= RESERVED
