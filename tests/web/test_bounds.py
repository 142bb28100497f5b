"""A door goes by the bounds that it was given."""

import re
from pathlib import Path

from geventim.web import pages
from geventim.web.bounds import USUAL


def test_a_page_hears_twice_before_it_takes_its_line_for_dead():
    told = Path(pages.PLACE, "link.js").read_text(encoding="utf-8")
    silence = re.search(r"SILENCE = ([0-9_]+);", told)
    assert 2 * USUAL.heartbeat * 1000 < int(silence[1])


def test_each_is_that_of_its_door_alone(come):
    hasty, usual = come(silence=0.01), come()
    assert hasty.connect().recv(1) == b""
    assert usual.ask("GET", "/").status == 200
