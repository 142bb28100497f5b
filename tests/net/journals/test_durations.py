from geventim.net.journals.durations import BOUNDS, Durations


def test_each_is_counted_with_those_up_to_the_same_bound():
    durations = Durations()
    for seconds in (0.0, BOUNDS[0], BOUNDS[0] * 1.01, BOUNDS[-1], 99.0):
        durations.note(seconds)
    assert durations.counts[:2] == [2, 1]
    assert durations.counts[-2:] == [1, 1]
    assert sum(durations.counts) == 5
    assert durations.seconds == sum((0.0, BOUNDS[0], BOUNDS[0] * 1.01, BOUNDS[-1], 99.0))
