"""Small pictures are looked at when they are seen, and shown after that."""

from geventim.app.files.raster import Raster
from geventim.client.said.aside import Attachment
from geventim.terminal.screen.drawing.cells import Colours
from geventim.terminal.screen.gallery import TOGETHER
from geventim.terminal.screen.orders import Sample
from tests.terminal.screen.play import Play

RASTER = Raster(2, 2, bytes(range(12)))


def picture(number=0, thumbnail=None):
    name = f"cat {number}.jpg"
    return (Attachment(name, "image/jpeg", 5, 192, 96, thumbnail or bytes([255, number])),)


def coloured(play):
    return [
        part.style for row in play.picture().rows for part in row if isinstance(part.style, Colours)
    ]


def test_a_picture_is_asked_for_once_and_shown():
    play = Play(80, 24).enter()
    play.hear("look", files=picture())
    play.picture()
    play.hear("again", files=picture())
    play.press("a")
    assert play.of(Sample) == [Sample(bytes([255, 0]))]
    assert coloured(play) == []
    play.model.sampled(bytes([255, 0]), RASTER)
    assert coloured(play) == [Colours(0x000102, 0x060708), Colours(0x030405, 0x090A0B)] * 2
    play.press("b")
    assert len(play.of(Sample)) == 1
    play.press("ctrl c", "up")
    assert len(coloured(play)) == 4


def test_what_is_no_picture_is_not_asked_for_again():
    play = Play(80, 24).enter()
    play.hear("look", files=picture())
    play.picture()
    play.model.sampled(bytes([255, 0]), None)
    play.press("a", "b")
    assert coloured(play) == []
    assert len(play.of(Sample)) == 1


def test_few_are_looked_at_together():
    play = Play(80, 24).enter()
    for number in range(2 * TOGETHER):
        play.hear("", files=picture(number))
    play.press("a", "b")
    asked = play.of(Sample)
    assert len(asked) == TOGETHER
    play.model.sampled(asked[0].thumbnail, RASTER)
    play.press("a", "b")
    assert len(play.of(Sample)) == TOGETHER + 1


def test_what_is_not_seen_is_not_looked_at():
    play = Play(80, 24).enter()
    play.hear("look", files=picture(), room="lab")
    play.press("a")
    assert play.of(Sample) == []


def test_who_wants_none_sees_none():
    play = Play(80, 24, pictures=False).enter()
    play.hear("look", files=picture())
    play.press("a")
    assert play.of(Sample) == []
    play.model.sampled(bytes([255, 0]), RASTER)
    assert coloured(play) == []


def test_where_it_does_not_fit_it_is_not_shown():
    play = Play(80, 24).enter()
    play.hear("look", files=picture())
    play.picture()
    play.model.sampled(bytes([255, 0]), Raster(32, 2, bytes(192)))
    assert len(coloured(play)) == 32
    for size in ((60, 24), (40, 10)):
        play.resize(*size)
        assert coloured(play) == []
