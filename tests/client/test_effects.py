from geventim.chat.replies import Appended
from geventim.chat.requests import Append
from geventim.client.effects import Ask, RefusedError, Stretch
from geventim.errors import UserError


def test_no_repr_shows_what_is_sent_or_stretched():
    append = Append(id=0, conversation=b"c" * 16, message_id=b"m" * 16, payload=4)
    assert "text" not in repr(Ask(append, Appended, b"text"))
    assert "sesame" not in repr(Stretch("sesame", b"salt"))


def test_a_refusal_is_something_people_can_put_right():
    assert issubclass(RefusedError, UserError)
