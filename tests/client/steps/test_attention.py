import pytest

from geventim.client.sealing import testimony
from geventim.client.steps.attention import FORESEEN, Attention, Subject, describe
from geventim.errors import MisuseError

OUTER, INNER = Subject(b"o" * 16), Subject(b"i" * 16, 3)


def test_what_is_nearest_to_a_fault_is_to_blame():
    attention = Attention()
    with pytest.raises(KeyError), attention.on(OUTER), attention.on(INNER):
        raise KeyError
    assert attention.failed == INNER


def test_nothing_is_to_blame_for_what_was_foreseen():
    for kind in FORESEEN:
        attention = Attention()
        error = kind("code", "text") if kind.__name__ == "UserError" else kind("text")
        with pytest.raises(kind), attention.on(OUTER):
            raise error
        assert attention.failed is None


def test_a_rule_that_we_broke_ourselves_is_a_fault():
    attention = Attention()
    with pytest.raises(MisuseError), attention.on(OUTER):
        raise MisuseError("ours")
    assert attention.failed == OUTER


def test_a_fault_is_described_by_its_kind_and_place_and_nothing_it_says():
    with pytest.raises(MisuseError) as caught:
        testimony.Testimony(2**70, bytes(32), 0, 0).encode()
    text = describe(caught.value)
    assert text.startswith("MisuseError in geventim/wire/presentation.py, line ")
    with pytest.raises(KeyError) as caught:
        raise KeyError("private words")
    assert "private words" not in describe(caught.value)


def test_a_fault_from_elsewhere_is_its_kind():
    assert describe(ZeroDivisionError("text")) == "ZeroDivisionError"
