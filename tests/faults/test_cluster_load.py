"""Under load on two servers, with one of them and then their Redis killed, nothing is lost."""

import pytest

from tests.faults.load_run import assert_faultless, run_load

MESSAGES = 1200
SEALED = 100


@pytest.fixture
def redis_url(own_redis):
    return own_redis.url


@pytest.mark.timeout(180)
def test_node_and_redis_are_killed_under_load(nodes, own_redis):
    one, other = nodes(), nodes()
    faults = [
        (200, one.kill),
        (350, one.restart),
        (500, own_redis.stop),
        (500, own_redis.start),
        (800, other.kill),
        (900, other.restart),
    ]
    words = ["--clients", "40", "--senders", "10", "--rate", "100", "--duration", "12"]
    report = run_load((one, other), faults, *words)
    assert_faultless(report, MESSAGES)
    assert report["moved"] >= 40


@pytest.mark.timeout(180)
def test_full_members_move_when_their_node_is_killed(nodes):
    one, other = nodes(), nodes()
    faults = [(20, one.kill), (40, one.restart), (60, other.kill), (60, other.restart)]
    words = ["--clients", "6", "--senders", "3", "--rate", "10", "--duration", "10", "--e2e"]
    report = run_load((one, other), faults, *words)
    assert_faultless(report, SEALED)
    assert report["moved"] >= 6
