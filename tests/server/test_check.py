"""Whether a start would succeed; what is looked at is real, and nothing starts."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from gevent import socket

from geventim.chat.values import Access
from geventim.crypto.readable import generate_key
from geventim.server.check import check
from geventim.server.config.settings import Settings
from geventim.server.data import DataDirectory
from geventim.store.redis.link import RedisLink
from geventim.store.sqlite.schema import PLAN


@pytest.fixture
def settings(tmp_path):
    def settings(**values):
        return Settings(
            "127.0.0.1", **{"port": 0, "public": "", "data": tmp_path / "data"} | values
        )

    return lambda **values: settings(access=Access.OPEN, **values)


def test_nothing_is_in_the_way(settings, tmp_path, capsys):
    (tmp_path / "access").write_text(generate_key())
    (tmp_path / "access").chmod(0o600)
    good = settings(access_key_file=tmp_path / "access", log_file=tmp_path / "log")
    assert check(good) == 0
    assert capsys.readouterr() == ("The server would start.\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["access"]


def test_what_a_start_would_do_for_ever_is_told_before(settings, tmp_path, capsys):
    directory = DataDirectory(tmp_path / "data")
    directory.server_key()
    directory.open_store().close()
    directory.close()
    log = tmp_path / "data" / "server" / "log.sqlite"
    older = PLAN.version - 1
    with closing(sqlite3.connect(log)) as connection:
        connection.execute(f"PRAGMA user_version = {older}")
    before = log.read_bytes()
    assert check(settings()) == 0
    out, _ = capsys.readouterr()
    assert f"from version {older} to {PLAN.version}" in out
    assert "There is no way back" in out
    assert log.read_bytes() == before


def test_metrics_need_an_address_and_what_writes_them(settings, capsys, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert check(settings(metrics=f"127.0.0.1:{taken.getsockname()[1]}")) == 3
    assert "For metrics: The server cannot listen on" in capsys.readouterr().err
    assert check(settings(metrics="127.0.0.1:0")) == 0
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert check(settings(metrics="127.0.0.1:0")) == 1
    assert "What writes metrics is not installed" in capsys.readouterr().err


def test_everything_that_is_in_the_way_is_told(settings, tmp_path, capsys):
    (tmp_path / "data").touch()
    (tmp_path / "access").write_text("swordfish")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bad = settings(
            port=taken.getsockname()[1],
            access_key_file=tmp_path / "access",
            log_file=tmp_path,
            store="redis://127.0.0.1:1/0",
        )
        assert check(bad) == 1
    out, err = capsys.readouterr()
    assert out == ""
    told = err.splitlines()
    assert len(told) == 5
    for line, word in zip(
        told, ("directory", "in use", "access key", "log file", "Redis"), strict=True
    ):
        assert word in line


def test_a_file_that_cannot_be_made(settings, capsys):
    nowhere = Path("/proc/nowhere/file")
    assert check(settings(access_key_file=nowhere, log_file=nowhere)) == 1
    assert capsys.readouterr().err.count(f"The file {nowhere} cannot be made.") == 2


def test_an_address_that_cannot_be_had_is_a_matter_of_the_network(settings, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert check(settings(port=taken.getsockname()[1])) == 3
    assert "in use" in capsys.readouterr().err


def test_a_store_is_reached_with_its_password(settings, own_redis, capsys):
    link = RedisLink(own_redis.url)
    link.ask("CONFIG SET", "requirepass", "sword/fish@:")
    link.close()
    assert check(settings(store=own_redis.url, store_password="sword/fish@:")) == 0
    assert check(settings(store=own_redis.url, store_password="tuna")) == 1
    assert check(settings(store=own_redis.url)) == 1
    out, err = capsys.readouterr()
    assert out == "The server would start.\n"
    assert err.count("Redis refuses the password.") == 2
    assert "tuna" not in err


def test_files_of_clients_need_a_directory(settings, tmp_path, capsys):
    (tmp_path / "file").write_bytes(b"")
    assert check(settings(blobs=tmp_path / "new" / "blobs")) == 0
    capsys.readouterr()
    for place in (tmp_path / "file", tmp_path / "file" / "blobs"):
        assert check(settings(blobs=place)) == 1
        assert f"no files of clients in {place}" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
