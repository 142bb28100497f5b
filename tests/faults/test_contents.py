"""F7, F8: whatever a message holds, its readers stay, say so, and are told nothing false."""

import base64

from geventim.client.conversation.timer_line import FREE
from tests.faults.contents import GONE, content, line, raw

VALID = bytes.fromhex(content().removeprefix("hex "))

UNREADABLE = {
    **{f"no {name}": content(**{name: GONE}) for name in ("nick", "message", "date", "kind")},
    **{f"{name} is null": content(**{name: None}) for name in ("nick", "message", "date", "kind")},
    "date x": content(date="x"),
    "date 1e300": content(date=1e300),
    "date NaN": content(date=float("nan")),
    "date infinite": content(date=float("-inf")),
    "date negative": content(date=-1),
    "date beyond calendars": content(date=253_402_300_800),
    "date of 400 digits": content(date=10**400),
    "date true": content(date=True),
    "date a list": content(date=[1.0]),
    "message a number": content(message=7),
    "message a list": content(message=["hi"]),
    "message an object": content(message={"text": "hi"}),
    "somebody else's nick": content(nick="alice"),
    "the reader's nick": content(nick="bob"),
    "the server's nick": content(nick="[Server]"),
    "nick in capitals": content(nick="Mallory"),
    "kind unknown": content(kind="rumour"),
    "kind private in a room": content(kind="private"),
    "kind group in a room": content(kind="group"),
    "kind secret in a room": content(kind="secret", message="", sealed="AAAA"),
    "sealed, and no secret": content(sealed="AAAA"),
    "empty": raw(b""),
    "no JSON": line("hi"),
    "an array": line("[]"),
    "a string": line('"hi"'),
    "not UTF-8": line(b'{"nick":"mallory","message":"\xff","date":1,"kind":"room"}'),
    "half a surrogate": line(rb'{"nick":"mallory","message":"\ud800","date":1,"kind":"room"}'),
    "too deep": line("[" * 4000 + "]" * 4000),
    "cut": raw(VALID[:-1]),
    "cut in its length": raw(VALID[:3]),
    "trailing": raw(VALID + b"\0"),
    "two at once": raw(VALID * 2),
    "a huge length": raw(b"\xff\xff\xff\xff" + VALID[4:]),
}


def test_a_reader_survives_every_content(server, start_client, start_hostile_client):
    bob = start_client(server.link, "bob")
    mallory = start_hostile_client(server.link, "mallory")
    bob.expect("joined", nick="mallory")
    for name, hostile in UNREADABLE.items():
        mallory.say(hostile)
        assert bob.expect("error", code="no_content")["text"], name
    mallory.say("still here")
    bob.expect("message", nick="mallory", message="still here")
    # Neither fields of later versions nor odd texts are anybody's fault.
    mallory.say(content(message="odd", mood=["fine"]), content(message="", date=0))
    bob.expect("message", message="odd")
    bob.expect("message", message="", date=0)
    assert bob.texts() == ["still here", "odd", ""]
    assert not [event for event in bob.events if event["event"] == "reconnecting"]
    assert bob.leave() == 0
    assert not bob.errors


def test_a_reader_survives_every_private_content(server, start_client, start_hostile_client):
    bob = start_client(server.link, "bob")
    mallory = start_hostile_client(server.link, "mallory")
    bob.expect("joined", nick="mallory")
    private = {
        "meant for a room": content(),
        "meant for a group": content(kind="group"),
        "a secret without a sealed text": content(kind="secret", message=""),
        "a sealed text that is no base64": content(kind="secret", message="", sealed="*"),
        "a sealed text that is a number": content(kind="secret", message="", sealed=1),
        "somebody else's nick": content(kind="private", nick="alice"),
    }
    for name, hostile in private.items():
        mallory.say(f"@bob {hostile}")
        assert bob.expect("error", code="no_content")["text"], name
    for sealed in ("AA==", "A" * 16, "A" * 400):
        mallory.say("@bob " + content(kind="secret", message="", sealed=sealed))
        number = bob.expect("secret", nick="mallory")["id"]
        bob.say(f"@open {number} any key")
        bob.expect("error", code="wrong_key")
    mallory.say("@bob still here")
    bob.expect("message", kind="private", message="still here")
    assert bob.texts() == ["still here"]
    assert (bob.leave(), bob.errors) == (1, b"eim-client: 3 lines were refused.\n")


def test_a_timer_that_is_set_without_end_is_few_lines(server, start_client, start_hostile_client):
    bob = start_client(server.link, "bob")
    mallory = start_hostile_client(server.link, "mallory")
    bob.expect("joined", nick="mallory")
    mallory.say(*(content(message="", timer=60 + number) for number in range(40)))
    mallory.say("that was it")
    bob.expect("message", message="that was it")
    told = timers(bob)
    assert told == [*range(60, 60 + FREE)]
    assert bob.wish(wish="ignore", nick="mallory")["done"]
    mallory.say(*(content(message="", timer=600 + number) for number in range(9)))
    mallory.settle()
    said = bob.wish(wish="say", to="lobby", text="what holds now?")["done"]
    mine = mallory.expect("message", message_id=said["message_id"])
    assert mine["expires"] == 608
    assert timers(bob) == told


def timers(person):
    return [each["seconds"] for each in person.events if each.get("event") == "timer"]


def test_nobody_changes_what_others_have_said_nor_what_is_heard_of_it(
    server, start_client, start_hostile_client
):
    bob, alice = (start_client(server.link, nick) for nick in ("bob", "alice"))
    mallory = start_hostile_client(server.link, "mallory")
    bob.expect("joined", nick="mallory")
    said = bob.wish(wish="say", to="lobby", text="as it was said")["done"]["message_id"]
    own = alice.wish(wish="say", to="lobby", text="@bob look")["done"]["message_id"]
    mallory.sees("message", message="@bob look")
    mallory.say(*(content(**REMARKS[name](encode(said), encode(own))) for name in REMARKS))
    mallory.say(*(content(message=text) for text in BOMBS), "that was it")
    for person in (bob, alice):
        person.expect("message", message="that was it")
        shown = timeline(person)
        assert shown[said]["message"] == "as it was said"
        assert shown[own]["message"] == "@bob look"
        for each in (said, own):
            assert "edited" not in shown[each]
            assert "deleted" not in shown[each]
            assert [kind["emoji"] for kind in shown[each].get("reactions", ())] in ([], ["🎉"])
    assert timeline(bob) == timeline(alice)
    deleted = bob.wish(wish="delete_message", message_id=said)["done"]
    assert deleted
    alice.expect("deleted", message_id=said)
    assert bob.leave() == 0
    again = start_client(server.link, "bob")
    assert timeline(again) == timeline(alice)
    assert not again.wish(wish="search", words=["as it was said"])["done"]["messages"]


def timeline(person):
    """What each message is for somebody, apart from the number that it has with them."""
    listed = person.wish(wish="timeline", conversation="lobby", limit=500)["done"]["messages"]
    return {
        each["message_id"]: {name: each[name] for name in each if name not in {"order", "own"}}
        for each in listed
    }


def encode(message_id):
    return base64.b64encode(bytes.fromhex(message_id)).decode()


def about(kind, **more):
    """What names the message of bob."""
    return lambda said, _: {"message": "", kind: said, **more}


REMARKS = {
    "an edit": about("replaces", message="planted"),
    "an edit to nothing": about("replaces"),
    "a deletion": about("retracts"),
    "an edit and a deletion": lambda said, own: {"replaces": said, "retracts": own},
    "a deletion of what is not there": lambda _, __: {"message": "", "retracts": "AAAA"},
    "a text for an emoji": lambda said, _: {
        "message": "",
        "reaction": {"to": said, "emoji": "@bob"},
    },
    "many emoji": lambda said, _: {"message": "", "reaction": {"to": said, "emoji": "👍" * 8}},
    "the reaction that counts": lambda said, _: {
        "message": "",
        "reaction": {"to": said, "emoji": "🎉"},
    },
    "another text under the same id": lambda said, _: {"message": "planted", "id": said},
    "an answer with other words": lambda said, _: {
        "message": "so they say",
        "reply": {"to": said, "nick": "alice", "excerpt": "planted"},
    },
    "what was read, and never will be": lambda _, __: {"message": "", "read": 2**52},
    "no time": lambda _, __: {"message": "", "timer": -1},
    "too much time": lambda _, __: {"message": "", "timer": 2**52},
    "never": lambda _, __: {"message": "", "timer": 0},
}

BOMBS = (
    "> " * 15_000,
    "*" * 30_000,
    "[" * 30_000,
    "[a](" * 7_000,
    "`" * 30_000,
    "- " * 15_000,
    "a|b\n-|-\n" * 3_000,
    "@bob " * 6_000,
    "x" * 32_768,
    "\n" * 32_000,
    "e" + "\u0301" * 16_000,
)
