import pytest
from hypothesis import given
from hypothesis import strategies as st

from geventim.client.history.pages import Page, Utterance, closed_pages, page_name, split_name
from geventim.client.sealing.content import ContentKind
from geventim.errors import StoreError

PLACE = bytes(range(16))

utterances = st.builds(
    Utterance,
    st.integers(1, 10**12),
    st.sampled_from(ContentKind),
    st.text(),
    st.text(),
    st.floats(allow_nan=False),
    st.integers(0, 2**63),
    st.booleans(),
)


@given(st.text(), st.lists(utterances, min_size=1))
def test_a_page_is_what_it_was(name, said):
    page = Page.decode(Page(name, said).encode())
    assert (page.name, page.utterances) == (name, said)


@pytest.mark.parametrize("kept", [b"", b"\xc1", b"\x92\xa1x\x90", Page("x").encode()])
def test_damage_is_the_stores_fault(kept):
    with pytest.raises(StoreError):
        Page.decode(kept)


def test_what_must_go_is_left_out():
    said = [Utterance(n, ContentKind.ROOM, "bob", str(n), 1.0, n) for n in range(1, 5)]
    assert [each.order for each in Page("x", said).without([2, 4, 9]).utterances] == [1, 3]


def test_names_sort_by_age_and_are_read_again():
    names = [page_name(PLACE, number) for number in (1, 9, 10, 10**11)]
    assert sorted(names) == names
    assert split_name(names[2].removeprefix("history/")) == (PLACE, 10)


@pytest.mark.parametrize("name", ["", "00", "00/", "00/x", "x/1"])
def test_what_is_no_name_is_the_stores_fault(name):
    with pytest.raises(StoreError):
        split_name(name)


def test_all_but_the_last_page_of_a_conversation_are_closed():
    one, other = PLACE, bytes(16)
    names = [page_name(place, number) for place in (one, other) for number in (10, 9, 200)]
    assert closed_pages(names) == {
        page_name(place, number) for place in (one, other) for number in (9, 10)
    }
    assert closed_pages([]) == set()


def test_no_repr_shows_what_was_written():
    assert "hush" not in repr(Utterance(1, ContentKind.ROOM, "bob", "hush", 1.0, 1))
