"""Who is ignored, and what is left unseen, is kept."""

from geventim.client.kept.memory import Memory
from geventim.client.people.ignored import Ignored

ACCOUNT = b"e" * 16


def test_who_is_ignored_outlives_the_process():
    memory = Memory({})
    Ignored(memory).add(ACCOUNT, "Eve")
    ignored = Ignored(memory)
    assert ignored.has(ACCOUNT)
    assert ignored.has_nick("eve")
    assert not ignored.has(b"a" * 16)
    assert ignored.drop("EVE") == "Eve"
    assert ignored.drop("eve") is None
    assert not Ignored(memory).has(ACCOUNT)


def test_a_conversation_is_unseen_until_it_is_joined():
    ignored = Ignored(Memory({}))
    ignored.pass_over(b"c" * 16)
    assert ignored.hides(b"c" * 16, ACCOUNT)
    assert not ignored.hides(b"d" * 16, ACCOUNT)
    ignored.enter(b"c" * 16)
    assert not ignored.hides(b"c" * 16, ACCOUNT)
