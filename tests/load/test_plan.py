from geventim.load.plan import Plan


def test_the_messages_of_a_run_are_rate_times_duration():
    assert Plan(clients=5, senders=2, rate=2.5, size=200, duration=10).messages == 25


def test_even_the_shortest_run_sends_something():
    assert Plan(clients=5, senders=2, rate=0.1, size=200, duration=0.1).messages == 1
