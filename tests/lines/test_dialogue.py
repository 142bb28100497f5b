from geventim.client.answers import Refusal
from geventim.client.events import Error, Notice, Speaker
from geventim.errors import UserError
from geventim.lines.dialogue import NotSaidError, WishRefusedError, excuse, say


def refused(*, by_server):
    return WishRefusedError(Refusal("busy", "Not now.", True, by_server))


def test_what_the_server_has_refused_is_told_as_its_words():
    assert excuse(refused(by_server=True)) == [Notice("Not now.", "busy")]
    assert excuse(refused(by_server=False)) == [Error("busy", "Not now.")]


def test_what_it_would_have_refused_is_told_likewise_with_what_the_client_knows():
    hint = Notice("Try again.", speaker=Speaker.CLIENT)
    assert excuse(NotSaidError("no", "No.", "Try again.")) == [Notice("No.", "no"), hint]
    assert excuse(NotSaidError("no", "No.")) == [Notice("No.", "no")]


def test_other_errors_are_those_of_the_client():
    assert excuse(UserError("usage", "No.", "Try again.")) == [Error("usage", "No. Try again.")]


def test_the_client_speaks_for_itself():
    assert say("Well.", "code") == Notice("Well.", "code", Speaker.CLIENT)
