"""Of strangers the oldest goes."""

from gevent import socket

from geventim.web.crowd import Crowd


def test_the_oldest_stranger_makes_room_and_who_is_known_stays():
    pairs = [socket.socketpair() for _ in range(5)]
    crowd = Crowd(2)
    crowd.enter(pairs[0][0])
    crowd.leave(pairs[0][0])
    for ours, _ in pairs[1:]:
        crowd.enter(ours)
    for _, theirs in pairs:
        theirs.settimeout(0.01)
    ended = []
    for _, theirs in pairs:
        try:
            ended.append(theirs.recv(1) == b"")
        except TimeoutError:
            ended.append(False)
    assert ended == [False, True, True, False, False]
    crowd.leave(pairs[1][0])
    for pair in pairs:
        for sock in pair:
            sock.close()
