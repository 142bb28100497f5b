import pytest

from geventim.terminal.screen.orders import Alert, Copy, Edit


@pytest.mark.parametrize("order", [Edit("secret"), Copy("secret"), Alert("secret", "secret")])
def test_no_repr_shows_what_somebody_wrote(order):
    assert "secret" not in repr(order)
