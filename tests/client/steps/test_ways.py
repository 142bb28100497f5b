from geventim.client.steps.attention import Attention
from geventim.client.steps.exchange import Exchange
from geventim.client.steps.ways import Ways


def test_each_agent_has_its_own_attention():
    exchange = Exchange(lambda: 0.0, print)
    first, second = (Ways(exchange, lambda *_: None) for _ in range(2))
    assert isinstance(first.attention, Attention)
    assert first.attention is not second.attention
