from pathlib import Path

import platformdirs
import pytest

from geventim.app.settings import Settings, data_directory
from geventim.chat.links import Link
from geventim.errors import UserError


def test_state_is_where_one_says(monkeypatch):
    monkeypatch.setenv("EIM_DATA", "/somewhere")
    assert data_directory("/elsewhere") == Path("/elsewhere")
    assert data_directory(None) == Path("/somewhere")
    monkeypatch.delenv("EIM_DATA")
    assert data_directory(None).name == "geventim"


def test_no_repr_shows_the_access_key():
    settings = Settings(Link("host", 1), "alice", "lobby", Path("data"), b"secret-psk")
    assert "secret-psk" not in repr(settings)


def test_without_a_home_a_directory_has_to_be_named(monkeypatch):
    def fail(_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("EIM_DATA", raising=False)
    for broken in (fail, lambda _: "~/.local/share/geventim"):
        monkeypatch.setattr(platformdirs, "user_data_dir", broken)
        with pytest.raises(UserError, match="not known where data are kept") as caught:
            data_directory(None)
        assert "--data" in caught.value.advice
