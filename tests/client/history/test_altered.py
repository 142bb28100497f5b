import pytest

from geventim.client.events import Deleted, Edited, Reacted
from geventim.client.history.altered import Altered
from geventim.client.history.pages import Utterance
from geventim.client.said.aside import Aside, Count
from geventim.client.said.changes import Edit, Opinion, Retraction
from geventim.client.sealing.content import ContentKind, Reply

PLACE, ABOUT, BOB = b"p" * 16, b"a" * 16, b"b" * 16
PLACE_ID, ABOUT_ID = PLACE.hex(), ABOUT.hex()
WRITTEN = Utterance(5, ContentKind.ROOM, "bob", "first", 1.0, 3, False, ABOUT, BOB)


@pytest.mark.parametrize(
    ("change", "event"),
    [
        (
            Edit(ABOUT, BOB, "bob", 9, "second", True),
            Edited("lobby", ContentKind.ROOM, "bob", "second", 9, PLACE_ID, ABOUT_ID, 5, True),
        ),
        (Retraction(ABOUT, BOB, "bob", 9), Deleted("lobby", "bob", PLACE_ID, ABOUT_ID, 5)),
        (
            Opinion(ABOUT, BOB, "bob", 9, "👍"),
            Reacted("lobby", "bob", "👍", (Count("👍", ("bob",)),), PLACE_ID, ABOUT_ID, 5),
        ),
    ],
)
def test_a_change_is_told_with_what_the_message_is_now(change, event):
    altered = Altered("lobby", PLACE, change, WRITTEN, WRITTEN.altered([change]))
    assert altered.event() == event
    assert "first" not in repr(altered)


def test_nothing_is_told_of_a_message_that_only_quotes_it():
    aside = Aside(reply=Reply(b"c" * 16, "bob", "words"))
    quoting = WRITTEN.beside_which(aside)
    change = Retraction(b"c" * 16, BOB, "bob", 9)
    after = quoting.altered([change])
    assert after.beside.reply.excerpt == ""
    assert Altered("lobby", PLACE, change, quoting, after).event() is None
