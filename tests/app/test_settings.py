from pathlib import Path

from geventim.app.settings import Settings, data_directory
from geventim.chat.links import Link


def test_state_is_where_one_says(monkeypatch):
    monkeypatch.setenv("EIM_DATA", "/somewhere")
    assert data_directory("/elsewhere") == Path("/elsewhere")
    assert data_directory(None) == Path("/somewhere")
    monkeypatch.delenv("EIM_DATA")
    assert data_directory(None).name == "geventim"


def test_no_repr_shows_the_access_key():
    settings = Settings(Link("host", 1), "alice", "lobby", Path("data"), b"secret-psk")
    assert "secret-psk" not in repr(settings)
