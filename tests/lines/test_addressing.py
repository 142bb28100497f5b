import pytest

from geventim.chat import requests
from geventim.chat.names import NO_NICKS
from geventim.client.events import Error, Names, Notice, Speaker
from geventim.lines import grammar
from geventim.lines.addressing import translate
from geventim.lines.commands.catalog import COMMANDS


def type_in(world, person, *lines):
    """Type lines, and let them take effect; what came of them."""
    person.news()
    person.say(*lines)
    world.run()
    return person.news()


def appends(person):
    return len(person.requests(requests.Append))


@pytest.mark.parametrize("line", ["@names", "/names", "@NAMES", "  @names", "@names  ", "\t/Names"])
def test_a_command_is_known_by_either_sign_in_any_case(world, alice, line):
    assert Names(("alice",)) in type_in(world, alice, line)


@pytest.mark.parametrize(("line", "text"), [("@@bob hi", "@bob hi"), ("//quit", "/quit")])
def test_twice_the_sign_sends_the_rest(world, alice, bob, line, text):
    type_in(world, alice, line)
    assert bob.texts("lobby") == [text]


UNSEEN = {
    "byte order mark": "\ufeff",
    "zero width space": "\u200b",
    "word joiner": "\u2060",
    "soft hyphen": "\u00ad",
    "no-break space": "\u00a0",
    "ideographic space": "\u3000",
    "right-to-left mark": "\u200f",
    "right-to-left override": "\u202e",
    "isolate": "\u2066",
    "line separator": "\u2028",
    "control": "\x01",
    "variation selector": "\ufe0f",
    "filler": "\u3164",
    "braille blank": "\u2800",
    "tag": "\U000e0020",
    "several": "\ufeff \u200b\u202a",
}


@pytest.mark.parametrize("unseen", UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_seen_before_a_sign_sends_nothing_private_to_the_room(
    world, alice, bob, unseen
):
    (carol,) = world.enter("carol")
    type_in(world, alice, f"{unseen}@bob for you alone", f"{unseen}/bob and this")
    assert Names(("alice", "bob", "carol")) in type_in(world, alice, f"{unseen}@names")
    assert bob.texts("alice") == ["for you alone", "and this"]
    assert carol.texts() == bob.texts("lobby") == []


@pytest.mark.parametrize("sign", ["\uff20", "\ufe6b", "\uff0f"])
def test_a_sign_of_another_width_is_the_same(world, alice, bob, sign):
    type_in(world, alice, f"{sign}bob for you alone", f"{sign}{sign}bob for all")
    assert bob.texts("alice") == ["for you alone"]
    assert bob.texts("lobby") == [f"{sign}bob for all"]


def test_what_cannot_be_seen_before_a_text_stays_there(world, alice, bob):
    type_in(world, alice, "\u200bhello", "\u3000indented")
    assert bob.texts("lobby") == ["\u200bhello", "\u3000indented"]


@pytest.mark.parametrize(
    "text",
    [
        "/usr/bin/x",
        "/usr/bin/env python3 -m this",
        "/etc/",
        "/api/v1/users?id=3",
        "@property",
        "@Override",
        '@app.route("/x")',
        "@lru_cache(maxsize=None)",
        "# a heading",
        "## another",
        "#1 is broken",
        "#",
        "#hashtag",
    ],
)
def test_paths_code_and_headings_are_texts(world, alice, bob, text):
    type_in(world, alice, text)
    assert bob.texts("lobby") == [text]


@pytest.mark.parametrize(
    "line",
    [
        "/bob/hi there",
        "@bob(hi there",
        "/msg/bob hi",
        "/group/send team secret",
        "/qiut/",
        "@quit(now)",
        "@property hi",
        "/x",
    ],
)
def test_what_only_looks_like_it_is_not_sent(world, alice, bob, line):
    shown = type_in(world, alice, line)[0]
    assert shown.code in {"user_not_found", "unknown_command"}
    assert bob.texts() == []


def test_a_room_or_group_is_written_to_from_anywhere(world, alice, bob):
    (carol,) = world.enter("carol")
    type_in(world, alice, "@create room den", "@join lobby", "@group set team bob")
    type_in(world, bob, "@join den", "@join lobby")
    type_in(world, alice, "#den in the den", "#TEAM in the team", "\u200b#team too", "here")
    world.advance()
    assert bob.texts("den") == ["in the den"]
    assert bob.texts("team") == ["in the team", "too"]
    assert carol.texts() == ["here"]


def test_a_place_that_one_is_not_in_is_not_written_to(world, alice, bob):
    type_in(world, bob, "@create room den")
    text = "You are in no room or group 'den'. Begin with '##' to send it as text."
    assert type_in(world, alice, "#den secret") == [Error("not_a_member", text)]
    assert type_in(world, alice, "#lobby") == [Error("usage", "Usage: #lobby text")]
    assert bob.texts() == []
    type_in(world, alice, "##den is a good room")
    assert bob.texts("lobby") == ["#den is a good room"]


def test_a_nick_that_people_type_as_a_command_sends_nobody_what_is_private(world, alice, bob):
    """'/msg bob the password' goes to bob alone: no account can be called that."""
    mallory = world.person("msg")
    mallory.connect()
    world.run()
    assert mallory.agent.ended.reason.code == "bad_name"
    for line in ("/tell bob the password", "@whisper bob the password", "/w bob the password"):
        shown = type_in(world, alice, line)[0]
        assert shown.code in {"user_not_found", "unknown_command"}, line
    assert appends(alice) == 0
    type_in(world, alice, "/msg bob the password")
    assert bob.texts("alice") == ["the password"]
    assert bob.texts("lobby") == []


def test_a_sign_within_a_line_means_nothing(world, alice, bob):
    type_in(world, alice, "see you @quit", "a/b")
    assert bob.texts("lobby") == ["see you @quit", "a/b"]


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
        ("@jion den", "join"),
        ("@romos", "rooms"),
    ],
)
def test_a_mistyped_command_is_an_error_with_the_nearest_one(world, alice, line, meant):
    (event,) = type_in(world, alice, line)
    assert (type(event), event.code) == (Error, "unknown_command")
    assert f"'@{meant}'" in event.text
    assert COMMANDS[meant].usage in event.text
    assert appends(alice) == 0


def test_a_nick_that_looks_like_a_command_is_a_nick(world, alice):
    (name,) = world.enter("name")
    type_in(world, alice, "@name hi")
    assert name.texts("alice") == ["hi"]


@pytest.mark.parametrize("line", ["@zoe hi", "/zoe", "/nick zoe", "@weather", "@dance bob"])
def test_a_word_that_nobody_is_called(world, alice, line):
    word = line.split()[0][1:]
    text = f"User '{word}' not found."
    if line.startswith("/"):
        text = f"'/{word}' is not a command, and nobody is called '{word}'."
    hint = f"Begin with '{2 * line[0]}' to send it as text."
    assert type_in(world, alice, line) == [
        Notice(text, "user_not_found"),
        Notice(hint, speaker=Speaker.CLIENT),
    ]
    assert appends(alice) == 0


def test_a_word_that_is_nearly_somebodys_nick(world, alice, bob):
    world.enter("carol")
    notice, hint = type_in(world, alice, "@carrol the password is x")
    assert notice == Notice("User 'carrol' not found.", "user_not_found")
    assert hint.text == "Did you mean '@carol'? Begin with '@@' to send it as text."
    assert appends(alice) == 0


@pytest.mark.parametrize(
    "word", ["[Server]", "a\x1b[2Jb", "x" * 5000, "b\u043eb", "\u202ebob", "a,b", "?"]
)
def test_a_word_that_is_no_name_is_not_asked_for(world, alice, word):
    before = len(alice.asked)
    shown = type_in(world, alice, f"@{word} text")
    assert shown[0] == Notice(f"User '{word}' not found.", "user_not_found")
    assert len(alice.asked) == before


@pytest.mark.parametrize("line", ["@", "/", "@ text", "/ text", "  @  "])
def test_a_sign_alone_is_never_sent(world, alice, line):
    assert [event.code for event in type_in(world, alice, line)] == ["usage"]
    assert appends(alice) == 0


def test_a_nick_without_a_text(world, alice, bob):
    assert type_in(world, alice, "@bob") == [Error("usage", "Usage: @bob text")]
    assert appends(alice) == 0


def test_another_refusal_of_a_nick_is_told_as_it_is(world, alice):
    shown = type_in(world, alice, "@alice hi")
    assert shown == [Notice("You cannot write to yourself.", "oneself")]


def test_every_line_that_begins_with_a_sign_stays_out_of_the_room(world, alice, bob):
    lines = ["@x y", "/x y", "@[ y", "@quite so", "/@bob hi", "@/bob hi", "@" + "y" * 200]
    before = alice.refused
    type_in(world, alice, *lines)
    assert alice.refused == before + len(lines)
    assert bob.texts() == []


@pytest.mark.parametrize(
    ("line", "here"),
    [
        ("/msg bo are you there", "@bo are you there"),
        ("/msg #lab hello all", "#lab hello all"),
        ("/MSG @bo x", "@bo x"),
        ("/query bo", "@go bo"),
        ("/query bo hello you", "@bo hello you"),
        ("/part", "@leave"),
        ("/part den", "@leave den"),
        ("/part #den I am off", "@leave den"),
        ("/away", "@status away"),
        ("/away back at  five", "@status away back at  five"),
        ("/exit", "@quit"),
    ],
)
def test_words_of_other_programs_do_the_same(line, here):
    assert translate(grammar.parse(line)) == here


@pytest.mark.parametrize(
    "line",
    [
        "/msg",
        "/msg bo",
        "/part den I am off",
        "/exit now",
        "/nick bob",
        "/q",
        "/bo",
    ],
)
def test_what_would_not_is_left_as_it_is(line):
    assert translate(grammar.parse(line)) is None


def test_none_of_them_is_a_command_here_or_somebody():
    for word in ("msg", "privmsg", "query", "part", "away", "exit", "bye"):
        assert word not in COMMANDS
        assert word in NO_NICKS
