"""Requests and responses as values."""

from http import HTTPStatus
from io import BytesIO

import pytest

from geventim.web.exchange import HEADERS, Request, Response, WebError


def request(**more):
    environ = {
        "REQUEST_METHOD": "POST",
        "geventim.path": "/files",
        "geventim.socket": None,
        "QUERY_STRING": "name=a%20b%2Bc",
        "wsgi.input": BytesIO(b"12345"),
        "HTTP_AUTHORIZATION": "Bearer abc",
        "HTTP_SEC_FETCH_SITE": "same-origin",
        "CONTENT_LENGTH": "5",
    }
    return Request.of({**environ, **more})


def test_it_has_what_was_read():
    asked = request()
    assert (asked.method, asked.path, asked.size) == ("POST", "/files", 5)
    assert asked.fields == {"authorization": "Bearer abc", "sec-fetch-site": "same-origin"}


@pytest.mark.parametrize(
    ("said", "token"), [("Bearer abc", "abc"), ("bearer abc", ""), ("abc", ""), ("Basic abc", "")]
)
def test_a_token_is_a_bearers(said, token):
    assert request(HTTP_AUTHORIZATION=said).token == token


def test_a_parameter_has_one_value():
    assert request().parameter("name") == "a b+c"
    assert request().parameter("other") == ""
    assert request(QUERY_STRING="name=a&name=b").parameter("name") == ""
    assert request(QUERY_STRING="%ff=&;==%&name").parameter("name") == ""


def test_a_body_is_read_whole_up_to_a_size():
    assert request().content(5) == b"12345"
    with pytest.raises(WebError, match="too_large"):
        request().content(4)
    bodiless = request()
    with pytest.raises(WebError, match="no_length"):
        Request(bodiless.method, bodiless.path, {}).content(5)


def test_a_response_says_how_long_it_is_if_that_is_known():
    response = Response.of({"a": 1})
    assert response.body == b'{"a":1}'
    assert ("Content-Length", "7") in response.headers
    assert set(HEADERS) <= set(response.headers)
    streamed = Response(HTTPStatus.OK, "text/event-stream", iter([b"x"]))
    assert "Content-Length" not in dict(streamed.headers)


def test_a_refusal_ends_the_connection():
    response = Response.refusing(WebError(HTTPStatus.FORBIDDEN, "foreign"))
    assert (response.status.value, response.body) == (403, b'{"error":"foreign"}')
    assert ("Connection", "close") in response.headers


def test_nothing_shows_what_was_said():
    assert "abc" not in repr(request())
    assert "secret" not in repr(Response.of({"token": "secret"}))
