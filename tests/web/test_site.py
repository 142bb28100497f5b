"""What is answered to each request of our own page; test_attacks has everybody else's."""

import json

import pytest

from geventim.web.site import DOWNLOADS
from tests.web.test_attacks import WISH

MESSAGE = "0" * 32


@pytest.fixture
def page(knock):
    knock.come_in()
    return knock


def said(answer):
    return answer.status, json.loads(answer.body)


def test_the_page_is_served(knock):
    answer = knock.ask("GET", "/")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.body == knock.ask("GET", "/page/index.html").body


def test_a_link_is_given_for_a_token_and_a_nick(knock):
    status, told = said(knock.enter())
    assert status == 200
    assert told.keys() == {"token", "nick"}
    assert told["nick"] == "alice"


def test_a_wish_is_taken_whatever_it_is(page):
    for wish in (WISH, b"{", b"", b"\xff\xfe", b"[" * 100_000):
        assert said(page.ask("POST", "/wishes", body=wish)) == (202, {})


def test_when_too_many_wait_the_page_is_told_so(come):
    page = come(patience=0.01)
    page.come_in()
    answers = [page.ask("POST", "/wishes", body=WISH) for _ in range(70)]
    assert said(answers[-1]) == (503, {"error": "no_client"})


def test_a_file_is_uploaded(page):
    status, told = said(page.ask("POST", "/files?name=a%20b.png", body=b"data"))
    assert status == 200
    assert told["file"].startswith("upload:")
    assert said(page.ask("POST", "/files", body=b"data"))[0] == 200


def test_a_download_needs_a_client(page):
    for _ in range(DOWNLOADS + 1):
        assert said(page.ask("GET", f"/files/{MESSAGE}/0")) == (503, {"error": "no_client"})


def test_there_is_no_passphrase_where_there_is_no_vault(page):
    body = json.dumps({"passphrase": "x"}).encode()
    assert said(page.ask("POST", "/unlock", body=body)) == (403, {"error": "no_passphrase"})


def test_who_guesses_too_often_is_put_out(page, monkeypatch):
    monkeypatch.setattr("geventim.web.door.opens", lambda *_: False)
    page.link = page.door.link().partition("#")[2]
    del page.own["Authorization"]
    page.come_in()
    body = json.dumps({"passphrase": "x"}).encode()
    for _ in range(5):
        told = said(page.ask("POST", "/unlock", body=body))
        assert told == (403, {"error": "wrong_passphrase"})
    assert said(page.ask("POST", "/unlock", body=body)) == (401, {"error": "too_many_tries"})


def test_who_leaves_has_no_token_any_more(page):
    assert said(page.ask("POST", "/leave", body=b"")) == (200, {})
    assert said(page.ask("POST", "/wishes", body=WISH)) == (401, {"error": "no_token"})
