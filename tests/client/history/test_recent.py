from geventim.client.history.pages import Utterance
from geventim.client.history.recent import CAPACITY, Glimpse, Recent
from geventim.client.sealing.content import EXCERPT, ContentKind

PLACE, OTHER = b"p" * 16, b"o" * 16


def said(order, text="hello"):
    message_id = order.to_bytes(16, "big")
    return Utterance(order, ContentKind.ROOM, "bob", text, 1.0, 1, message_id=message_id)


def test_the_beginning_of_a_message_is_at_hand():
    recent = Recent()
    recent.put(PLACE, said(1, "x" * 999))
    found = recent.find(PLACE, said(1).message_id)
    assert found == Glimpse(1, "bob", "x" * EXCERPT)
    assert "x" * 9 not in repr(found)


def test_it_is_what_the_message_is_now():
    recent = Recent()
    recent.put(PLACE, said(1))
    recent.put(PLACE, said(1, ""))
    assert recent.find(PLACE, said(1).message_id).excerpt == ""


def test_the_oldest_goes_for_a_new_one():
    recent = Recent()
    for order in range(CAPACITY):
        recent.put(PLACE, said(order))
    recent.put(PLACE, said(0, "edited"))
    recent.put(PLACE, said(CAPACITY))
    assert recent.find(PLACE, said(0).message_id)
    assert recent.find(PLACE, said(1).message_id) is None
    assert recent.find(PLACE, said(2).message_id)


def test_how_a_message_begins_may_not_be_known_any_more():
    recent = Recent()
    recent.put(PLACE, said(1))
    recent.put(OTHER, said(1))
    recent.forget(PLACE, said(1).message_id)
    recent.forget(PLACE, said(2).message_id)
    assert recent.find(PLACE, said(1).message_id) is None
    assert recent.find(OTHER, said(1).message_id)


def test_what_is_gone_is_not_at_hand():
    recent = Recent()
    recent.put(PLACE, said(1))
    recent.put(PLACE, said(2))
    recent.drop({1, 7})
    assert recent.find(PLACE, said(1).message_id) is None
    assert recent.find(PLACE, said(2).message_id)


def test_what_was_said_elsewhere_is_not_at_hand():
    recent = Recent()
    recent.put(OTHER, said(1, "in private"))
    assert recent.find(PLACE, said(1).message_id) is None
