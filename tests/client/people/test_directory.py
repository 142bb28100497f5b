from geventim.client.people.credentials import Somebody
from geventim.client.people.directory import Directory, account_name

ALICE, BOB = Somebody(b"a" * 16, "alice"), Somebody(b"b" * 16, "bob")


def test_what_the_server_says_last_counts():
    directory = Directory()
    assert directory.agrees(ALICE) is None
    directory.declare(ALICE.account, "alice")
    assert directory.agrees(ALICE) is True
    directory.declare(ALICE.account, "")
    assert directory.agrees(ALICE) is False


def test_it_is_asked_about_those_of_whom_it_said_nothing():
    directory = Directory()
    directory.claim(ALICE, b"A")
    directory.claim(BOB, b"B")
    assert directory.asks
    asked = []
    for somebody, identity in directory.claims():
        asked.append((somebody, identity))
        directory.declare(somebody.account, "")
    assert asked == [(ALICE, b"A"), (BOB, b"B")]
    assert not directory.asks
    directory.claim(ALICE, b"A")
    directory.forget_claims()
    assert list(directory.claims()) == []


def test_it_remembers_and_asks_no_more_than_so_much():
    directory = Directory(limit=2, waiting=1)
    for number in range(5):
        directory.declare(bytes([number] * 16), "x")
    assert [directory.agrees(Somebody(bytes([number] * 16), "x")) for number in range(5)] == [
        None,
        None,
        None,
        True,
        True,
    ]
    directory.claim(ALICE, b"A")
    directory.claim(BOB, b"B")
    assert next(directory.claims()) == (ALICE, b"A")
    directory.declare(ALICE.account, "alice")
    assert not directory.asks


def test_an_accusation_is_news_once():
    directory = Directory()
    assert [directory.accuse(ALICE.account) for _ in range(3)] == [True, False, False]


def test_no_name_is_that_of_an_account():
    assert account_name(bytes(range(16))) == "account 0001020304050607"
