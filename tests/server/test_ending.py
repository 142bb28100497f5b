import pytest

from geventim.errors import NetworkError, StoreError, UserError
from geventim.server import ending


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (UserError("usage", "No.", "Yes."), 2, "No. Yes."),
        (UserError("cannot_listen", "No."), 3, "No."),
        (UserError("in_use", "No."), 1, "No."),
        (NetworkError("nobody is there"), 3, "nobody is there."),
        (StoreError("it is full"), 1, "it is full."),
        (StoreError("Is it full?"), 1, "Is it full?"),
    ],
    ids=str,
)
def test_what_went_wrong_is_a_sentence_and_a_code(error, code, sentence, capsys):
    assert ending.complain(error) == code
    assert capsys.readouterr() == ("", f"eim-server: {sentence}\n")
