import pytest

from geventim.terminal.screen.orders import Alert, Copy, Edit, Typed


@pytest.mark.parametrize(
    "order", [Typed("secret"), Edit("secret"), Copy("secret"), Alert("secret", "secret")]
)
def test_no_repr_shows_what_somebody_wrote(order):
    assert "secret" not in repr(order)
