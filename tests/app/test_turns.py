import os

import gevent
from gevent.socket import wait_read

from geventim.app.turns import let_others_go


def test_who_lets_others_go_comes_after_a_key_was_taken():
    reading, writing = os.pipe()
    taken = []

    def take():
        wait_read(reading)
        taken.append(os.read(reading, 1))

    taking = gevent.spawn(take)
    gevent.sleep(0)
    os.write(writing, b"x")
    let_others_go()
    assert taken == [b"x"]
    taking.join()
    os.close(reading)
    os.close(writing)
