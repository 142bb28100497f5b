from geventim.client.conversation.alteration import Alteration
from geventim.client.conversation.intent import Intent
from geventim.client.sealing.gates import NewKey
from geventim.errors import DeniedError

KEY = NewKey("key", b"s" * 64)
ERROR = DeniedError("not_changed")


def wanted(intent):
    return intent.sought, intent.new_key, intent.alteration


def test_what_has_failed_is_not_wanted_any_more():
    intent = Intent()
    intent.seek()
    intent.change_key(KEY)
    intent.alter(Alteration())
    intent.fail(ERROR)
    assert wanted(intent) == (False, None, None)
    assert intent.failure is ERROR


def test_what_is_wanted_anew_has_not_failed():
    intent = Intent()
    alteration = Alteration()
    for want in (
        intent.seek,
        lambda: intent.change_key(KEY),
        lambda: intent.alter(alteration),
    ):
        intent.fail(ERROR)
        want()
        assert intent.failure is None
    assert wanted(intent) == (False, None, alteration)


def test_what_is_dropped_has_not_failed():
    intent = Intent()
    intent.seek()
    intent.drop()
    assert wanted(intent) == (False, None, None)
    assert intent.failure is None
