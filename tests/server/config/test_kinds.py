"""What a value may be. What is wrong is told with what would be right."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.server.config import kinds
from geventim.server.config.kinds import Choice, Number, Switch, UnfitError
from geventim.server.config.settings import TABLE

NUMBER = Number(2, 100)
STORE = kinds.StoreAddress()
EACH = {type(setting.kind): setting.kind for setting in TABLE}.values()


def attempt(read, given):
    """What ``given`` is read as, or why it is not."""
    try:
        return read(given), ""
    except UnfitError as error:
        return None, str(error)


@given(st.sampled_from(list(EACH)), st.text())
def test_any_text_is_a_value_or_unfit(kind, text):
    value, fault = attempt(kind.from_text, text)
    assert fault.isprintable()
    assert value is None or kind.from_toml(value) == value


@given(
    st.sampled_from(list(EACH)),
    st.none() | st.integers() | st.floats() | st.dates() | st.lists(st.text()) | st.text(),
)
def test_anything_in_a_file_is_a_value_or_unfit(kind, value):
    _, fault = attempt(kind.from_toml, value)
    assert fault.isprintable()


@pytest.mark.parametrize(("text", "number"), [("2", 2), ("100", 100), ("007", 7)])
def test_a_number(text, number):
    assert NUMBER.from_text(text) == number


@pytest.mark.parametrize("text", ["", "1", "101", "-2", "2.0", "+2", " 2", "\u0662", "9" * 5000])
def test_a_text_that_is_no_such_number(text):
    with pytest.raises(UnfitError, match="is a number from 2 to 100, not '"):
        NUMBER.from_text(text)


@pytest.mark.parametrize("value", [1, 101, True, 2.0, "2", None, [2], datetime.date(2026, 1, 1)])
def test_a_value_that_is_no_such_number(value):
    with pytest.raises(UnfitError, match="is a number from 2 to 100"):
        NUMBER.from_toml(value)


def test_a_choice():
    choice = Choice(("red", "blue"))
    assert choice.from_text("red") == choice.from_toml("red") == "red"
    with pytest.raises(UnfitError, match="is one of red, blue, not 'green'"):
        choice.from_text("green")
    with pytest.raises(UnfitError):
        choice.from_toml(["red"])


def test_a_switch():
    assert [Switch().from_text(text) for text in ("true", "FALSE")] == [True, False]
    for text in ("", "yes", "1"):
        with pytest.raises(UnfitError, match="is true or false"):
            Switch().from_text(text)
    with pytest.raises(UnfitError, match="is true or false"):
        Switch().from_toml("true")


def test_an_ipv6_host_may_stand_in_brackets():
    assert kinds.Host().from_text("[::1]") == kinds.Host().from_text("::1") == "::1"


@pytest.mark.parametrize("text", ["", "[", "[]", "]", "[::1", "::1]", "[[::1]]", "a[b", "a\x00"])
def test_a_host_that_is_none(text):
    with pytest.raises(UnfitError, match="is an address of this machine or a name of one"):
        kinds.Host().from_text(text)


@pytest.mark.parametrize("text", ["chat.example.org", "chat.example.org:7", "[::1]:7", "192.0.2.1"])
def test_a_public_address(text):
    assert kinds.PublicAddress().from_text(text) == text


@pytest.mark.parametrize("text", ["a,b", "a:5,b:6", "a:0", "a b", "", "a:x", "http://a/", "a/b"])
def test_a_public_address_that_leads_nowhere(text):
    with pytest.raises(UnfitError, match="is one HOST or HOST:PORT as others reach it"):
        kinds.PublicAddress().from_text(text)


def test_what_to_listen_on():
    kind = kinds.ListenAddress()
    assert [kind.from_text(text) for text in ("0.0.0.0:9", "[::1]:9", "9")] == [
        "0.0.0.0:9",
        "[::1]:9",
        "127.0.0.1:9",
    ]
    assert kind.from_toml(9) == "127.0.0.1:9"
    assert kinds.split_address("[::1]:9") == ("::1", 9)
    for value in ("host", "host:", ":9", "host:65536", "70000", "host:-1", "h\n:9", True, None):
        with pytest.raises(UnfitError, match="is HOST:PORT, or a port of this machine alone"):
            kind.from_toml(value)


def test_a_link_is_no_public_address():
    with pytest.raises(UnfitError):
        kinds.PublicAddress().from_text(f"eim://a/#{'a' * 52}")


@pytest.mark.parametrize(
    "text",
    [
        "redis://127.0.0.1:6379/0",
        "redis://h",
        "rediss://user@h/7?replicas=1",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_a_store(text):
    assert STORE.from_text(text) == text


@pytest.mark.parametrize("text", ["redis://:secret@h/0", "redis://u:se@c:r/et@h/0", "unix://:s@/x"])
def test_the_address_of_a_store_has_no_password_and_does_not_repeat_it(text):
    with pytest.raises(
        UnfitError, match="holds a password, which belongs in store_password"
    ) as one:
        STORE.from_text(text)
    assert "se" not in str(one.value).replace("belongs", "").replace("password", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("127.0.0.1:6379", "is an address such as redis:"),
        ("http://h/0", "is an address such as redis:"),
        ("redis:h", "is an address such as redis:"),
        ("redis://h:x/0", "is an address such as redis:"),
        ("redis://h/name", "ends with the number of a database"),
        ("redis://h/0?replica=1", "has no option 'replica'; there is replicas=N"),
        ("redis://h/0?db=1", "has no option 'db'"),
    ],
)
def test_a_store_that_would_be_another_one(text, reason):
    with pytest.raises(UnfitError, match=reason):
        STORE.from_text(text)


def test_a_secret_is_not_repeated():
    for value in ("sec\x00ret", "", 5, ["secret"]):
        with pytest.raises(UnfitError) as caught:
            kinds.Secret().from_toml(value)
        assert "secret" not in str(caught.value)


def test_what_is_wrong_is_shown_cut_and_without_what_a_terminal_obeys():
    with pytest.raises(UnfitError) as caught:
        NUMBER.from_text("\x1b[2J" + "x" * 500)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 120
