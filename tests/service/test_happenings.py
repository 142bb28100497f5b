from geventim.service.happenings import Happening


def test_each_is_told_in_other_words():
    assert len({str(happening) for happening in Happening}) == len(Happening)
