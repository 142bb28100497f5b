"""Who may ask; test_attacks has whoever tries."""

import pytest

from geventim.web.exchange import Request, WebError
from geventim.web.gate import Gate

GATE = Gate("https", "chat.example:8443")


def ask(**fields):
    return Request("GET", "/", {name.replace("_", "-"): value for name, value in fields.items()})


def test_its_origin_is_that_of_our_page():
    assert GATE.origin == "https://chat.example:8443"


def test_the_host_is_ours_with_its_port():
    GATE.check_host(ask(host="chat.example:8443"))
    for host in ("chat.example", "CHAT.example:8443", "chat.example:8443.", "chat.example:443"):
        with pytest.raises(WebError, match="foreign"):
            GATE.check_host(ask(host=host))
    with pytest.raises(WebError, match="foreign"):
        GATE.check_host(ask())


def test_our_page_says_so_by_either():
    GATE.check_own(ask(origin=GATE.origin))
    GATE.check_own(ask(sec_fetch_site="same-origin"))
    GATE.check_own(ask(origin=GATE.origin, sec_fetch_site="same-origin"))


def test_one_that_contradicts_the_other_is_refused():
    for fields in (
        {"origin": GATE.origin, "sec_fetch_site": "cross-site"},
        {"origin": "http://chat.example:8443", "sec_fetch_site": "same-origin"},
        {"origin": "null", "sec_fetch_site": "same-origin"},
        {},
    ):
        with pytest.raises(WebError, match="foreign"):
            GATE.check_own(ask(**fields))


def test_files_are_for_who_opens_the_page_and_who_says_nothing():
    GATE.check_visit(ask())
    GATE.check_visit(ask(sec_fetch_site="same-origin", sec_fetch_dest="script"))
    opening = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    GATE.check_visit(ask(sec_fetch_site="cross-site", **opening))
    for fields in (
        opening | {"sec_fetch_site": "cross-site", "origin": "null"},
        opening | {"sec_fetch_site": "cross-site", "sec_fetch_dest": "iframe"},
        {"sec_fetch_dest": "script", "sec_fetch_site": "same-site"},
        {"sec_fetch_mode": "no-cors"},
        {"origin": "http://evil.example"},
    ):
        with pytest.raises(WebError, match="foreign"):
            GATE.check_visit(ask(**fields))
