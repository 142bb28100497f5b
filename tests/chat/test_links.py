import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.chat.links import DEFAULT_PORT, Link, format_address, parse_link, parse_links
from geventim.crypto.readable import encode_key, format_key
from geventim.errors import UserError

KEY = bytes(range(32))
TEXT = encode_key(KEY)
CODE = encode_key(bytes(range(16)))
hosts = st.sampled_from(
    ["127.0.0.1", "example.org", "localhost", "::1", "2001:db8::7", "fe80::1%en0"]
)


@given(
    host=hosts,
    port=st.integers(1, 65535),
    key=st.none() | st.binary(min_size=32, max_size=32),
    code=st.just("") | st.binary(min_size=16, max_size=16).map(encode_key),
)
def test_links_come_back(host: str, port: int, key: bytes | None, code: str) -> None:
    link = Link(host, port, key, code if key else "")
    assert parse_link(str(link)) == link


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("example.org", "example.org", DEFAULT_PORT),
        ("example.org:1234", "example.org", 1234),
        ("  example.org:1234\n", "example.org", 1234),
        ("127.0.0.1:65535", "127.0.0.1", 65535),
        ("[::1]", "::1", DEFAULT_PORT),
        ("[::1]:1234", "::1", 1234),
        ("::1", "::1", DEFAULT_PORT),
        ("2001:db8::1", "2001:db8::1", DEFAULT_PORT),
        ("2001:DB8:0:0::1", "2001:db8::1", DEFAULT_PORT),
        ("[fe80::1%en0]:7", "fe80::1%en0", 7),
        ("eim://example.org", "example.org", DEFAULT_PORT),
        ("eim://example.org/", "example.org", DEFAULT_PORT),
        ("eim://[::1]:1234/", "::1", 1234),
        ("EIM://example.org:1234/", "example.org", 1234),
    ],
)
def test_addresses(text: str, host: str, port: int) -> None:
    assert parse_link(text) == Link(host, port)


@pytest.mark.parametrize(
    "text",
    [
        f"eim://[::1]:1234/#{TEXT}",
        f"eim://[::1]:1234/#{TEXT.upper()}",
        f"eim://[::1]:1234#{TEXT}",
        f"Eim://[::1]:1234/#{TEXT}",
        f"[::1]:1234/#{TEXT}",
        f" eim://[::1]:1234/#{format_key(TEXT)} ",
        f"eim://[::1]:1234/#{format_key(TEXT).replace(' ', '-')}",
    ],
)
def test_key_is_read_as_people_write_it(text: str) -> None:
    assert parse_link(text) == Link("::1", 1234, KEY)


@pytest.mark.parametrize("code", [CODE, CODE.upper(), format_key(CODE), f" {CODE} "])
def test_code_is_read_as_people_write_it(code: str) -> None:
    assert parse_link(f"eim://a:1/#{TEXT}.{code}") == Link("a", 1, KEY, CODE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ":1234",
        "[]",
        "[]:1",
        "eim://",
        "[::1",
        "[::1]x",
        "[::1]1234",
        "example.org:x",
        "example.org:-1",
        "example.org:+1",
        "example.org: 1",
        "example.org:65536",
        "example.org:0",
        "example.org,example.net",
        "example.org:99999999999999999999",
        "example.org:\u0661",
        "example.org:1:",
        "1:2:3",
        "[::1::1]:1",
        "[example:org]",
        "exa mple.org",
        "exa\x1bmple.org",
        "user@example.org",
        "example.org/path",
        "example.org:1/path",
        "http://example.org",
    ],
)
def test_bad_addresses_are_refused(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_link(text)
    assert caught.value.code == "bad_address"
    assert caught.value.advice


def test_a_link_of_another_kind_is_not_called_a_port() -> None:
    with pytest.raises(UserError, match=r"'http://example\.org' is not an address"):
        parse_link("http://example.org")


@pytest.mark.parametrize(
    "fragment",
    [
        "x",
        TEXT[:-1],
        TEXT + "a",
        "1" + TEXT[1:],
        TEXT[:-1] + "b",
        f"{TEXT}.x",
        f"{TEXT}.{CODE[:-1]}",
        f"{TEXT}.{TEXT}",
        f"{TEXT}.{CODE}.{CODE}",
        f".{CODE}",
        CODE,
        "",
        f"{TEXT}.",
    ],
)
def test_mistyped_keys_and_codes_are_refused(fragment: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_link(f"eim://example.org:1/#{fragment}")
    assert caught.value.code == "bad_key"


@pytest.mark.parametrize(
    ("fragment", "sentence"),
    [
        ("", "The server's key in this link has 0 of its 52 characters."),
        (TEXT[:40], "The server's key in this link has 40 of its 52 characters."),
        (f"{TEXT}.", "The invite code in this link has 0 of its 26 characters."),
        (f"{TEXT}.{CODE[:20]}", "The invite code in this link has 20 of its 26 characters."),
        (f"{TEXT}aa", "The server's key in this link has 54 characters, 2 too many."),
        (f"1{TEXT[1:]}", "The server's key in this link is mistyped."),
    ],
)
def test_what_is_wrong_with_a_link_is_told(fragment: str, sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_link(f"eim://example.org:1/#{fragment}")
    assert caught.value.text == sentence
    assert caught.value.advice == "Copy the whole link, from eim:// to its end."


def test_an_address_without_a_port_has_the_one_that_is_meant() -> None:
    assert parse_link("example.org", 7) == Link("example.org", 7)
    assert parse_link("[::1]", 7) == Link("::1", 7)
    assert parse_link("example.org:8", 7) == Link("example.org", 8)


@given(st.text())
def test_any_text_is_a_link_or_refused(text: str) -> None:
    try:
        link = parse_link(text)
    except UserError:
        return
    assert parse_link(str(link)) == link


def test_address_puts_ipv6_into_brackets() -> None:
    assert format_address("::1", 5) == "[::1]:5"
    assert format_address("example.org", 5) == "example.org:5"
    assert Link("::1", 5, KEY).address == "[::1]:5"


def test_several_addresses_are_separated_by_commas() -> None:
    assert parse_links("one,two:7") == (Link("one", DEFAULT_PORT), Link("two", 7))
    for text in ("one,", ",one", ","):
        with pytest.raises(UserError):
            parse_links(text)


@pytest.mark.parametrize(
    "text",
    [
        f"eim://one,two:7/#{TEXT}.{CODE}",
        f"eim://one/#{TEXT}.{CODE},two:7",
        f"eim://one/#{TEXT},eim://two:7/#{TEXT}.{CODE}",
    ],
)
def test_what_a_link_says_of_a_server_holds_at_all_of_its_addresses(text: str) -> None:
    """No address is believed at first sight when the key was given with another one."""
    assert parse_links(text) == (Link("one", DEFAULT_PORT, KEY, CODE), Link("two", 7, KEY, CODE))


@pytest.mark.parametrize(
    "other", [encode_key(bytes(32)), f"{TEXT}.{encode_key(b'c' * 16)}"], ids=["key", "code"]
)
def test_addresses_of_two_servers_are_refused(other: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_links(f"eim://one/#{TEXT}.{CODE},eim://two/#{other}")
    assert caught.value.code == "bad_address"
