import pytest

from geventim.client.conversation.mentions import mentions


@pytest.mark.parametrize(
    "text",
    [
        "@bob",
        "@Bob: hello",
        "hello @bob.",
        "hello @bob- are you there",
        "(@BOB)",
        "@alice, @bob",
        "first\n@bob",
        "@bob \u00e4",
    ],
)
def test_the_user_is_called(text):
    assert mentions(text, "bob")


@pytest.mark.parametrize(
    "text",
    ["bob", "@bobby", "@bob_", "@bob.smith", "@bob-2", "me@bob", "a.@bob", "@@bob", "@ bob", ""],
)
def test_the_user_is_not_called(text):
    assert not mentions(text, "bob")


def test_a_nick_is_no_pattern():
    assert mentions("@a.b", "a.b")
    assert not mentions("@axb", "a.b")


def test_words_count_where_they_stand_alone():
    words = ("lunch", "c++", "\u00c4pfel")
    assert mentions("LUNCH?", "bob", words)
    assert mentions("I write c++ now", "bob", words)
    assert mentions("\u00e4pfel", "bob", words)
    assert mentions("@bob", "bob", words)
    assert not mentions("lunches", "bob", words)
    assert not mentions("brunch", "bob", words)
