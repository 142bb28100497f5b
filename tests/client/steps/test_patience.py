from geventim.client.steps.patience import FIRST, LONGEST, Patience


def make(chance=b"\xff\xff"):
    now = [100.0]
    return now, Patience(lambda: now[0], lambda size: chance)


def test_nothing_is_waited_for_before_a_failure():
    _, patience = make()
    assert not patience.waits
    assert patience.failures == 0


def test_each_failure_doubles_the_wait_up_to_the_longest():
    now, patience = make()
    waits = []
    for _ in range(12):
        patience.fail()
        waits.append(patience.until - now[0])
        assert patience.waits
        now[0] = patience.until
        assert not patience.waits
    assert waits[:3] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert waits[-1] == LONGEST


def test_what_fails_for_days_is_still_tried_again():
    now, patience = make()
    for _ in range(5_000):
        patience.fail()
    assert patience.until == now[0] + LONGEST


def test_the_wait_is_spread_over_its_second_half():
    now, patience = make(b"\0\0")
    patience.fail()
    assert patience.until == now[0] + FIRST / 2


def test_success_begins_anew():
    _, patience = make()
    patience.fail()
    patience.fail()
    patience.reset()
    assert not patience.waits
    assert patience.failures == 0
