import random

import pytest

from geventim.load.latency import LONGEST, PRECISION, SHORTEST, Latencies


def test_no_deliveries_took_no_time():
    assert Latencies().percentile(99) == 0.0


@pytest.mark.parametrize("percent", [50, 95, 99, 100])
def test_percentiles_are_as_precise_as_promised(percent):
    source = random.Random(7)
    durations = sorted(source.lognormvariate(-5, 1.5) for _ in range(1000))
    latencies = Latencies()
    for duration in durations:
        latencies.add(duration)
    exact = durations[percent * 10 - 1]
    assert latencies.percentile(percent) == pytest.approx(exact, rel=PRECISION)
    assert latencies.longest == durations[-1]


@pytest.mark.parametrize(
    ("seconds", "counted"), [(-1.0, SHORTEST), (0.0, SHORTEST), (1e9, LONGEST)]
)
def test_what_is_out_of_bounds_is_counted_at_the_bound(seconds, counted):
    latencies = Latencies()
    latencies.add(seconds)
    assert latencies.percentile(50) == pytest.approx(counted, rel=2 * PRECISION)
