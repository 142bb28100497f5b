import pytest

from geventim.client.answers import Done, Refused, Result
from geventim.client.events import Announcement, Error, Notice
from geventim.errors import DeniedError, UserError
from geventim.lines.sentences import describe


def test_what_has_no_sentence_gets_one():
    notice = describe(Notice.told("left_group", name="team", nick="bob"))
    assert notice.text == "bob left group team."
    assert notice.facts == {"name": "team", "nick": "bob"}
    error = describe(Error.of("no_secret", number=7))
    assert error.text == "There is no secret #7."
    refused = describe(Refused.by(DeniedError("no_secret", number=7), 1)).refused
    assert (refused.text, refused.by_server) == ("There is no secret #7.", False)


def test_some_are_known_as_the_servers():
    assert describe(Refused.by(DeniedError("group_exists"), 1)).refused.by_server


@pytest.mark.parametrize(
    "told",
    [
        Notice("Hello."),
        Notice("Hello.", "news"),
        Error("usage", "No."),
        Announcement("Hello."),
        Done(1, Result()),
        Refused.by(UserError("no", "No."), 1),
    ],
)
def test_what_has_one_keeps_it(told):
    assert describe(told) == told
