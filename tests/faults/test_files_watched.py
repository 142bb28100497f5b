"""What operators see and keep of files: by real processes, alone and with a Redis."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from geventim.chat import requests as ask
from geventim.chat.limits import CHUNK_SIZE
from tests.conftest import PATIENCE
from tests.faults.test_blobs import begin, content, download, files_of, get, put, upload
from tests.faults.test_hostile_files import start_service

__all__ = ["start_service"]

SIZE = 3 * CHUNK_SIZE + 100


def figures(server: Any) -> dict[str, float]:
    """What its metrics say, by their names."""
    (place,) = re.findall(r"metrics are served address='([\d.:]+)'", server.stderr_text())[-1:]
    with urlopen(f"http://{place}/metrics", timeout=PATIENCE) as answer:
        text = answer.read().decode()
    return {name: float(value) for name, value in re.findall(r"^(eim_\w+) (\S+)$", text, re.M)}


def status(server: Any) -> Any:
    return json.loads(server.command("status", "--json").stdout)


def test_files_are_counted_for_operators(start_service: Any, clients: Any) -> None:
    server = start_service("--metrics", "0")
    alice, bob = clients(server.link, "alice"), clients(server.link, "bob")
    room = alice.room()
    bob.room()
    chunks = content()
    blob, begun = upload(alice, room, chunks), begin(alice, room).blob
    put(alice, begun, chunks[:1])
    assert download(bob, blob, len(chunks)) == chunks
    seen = figures(server)
    assert seen["eim_file_put_bytes_total"] == SIZE + CHUNK_SIZE
    assert seen["eim_file_got_bytes_total"] == SIZE
    assert seen["eim_file_failures_total"] == seen["eim_file_chunks_waiting"] == 0
    assert seen["eim_file_disk_free_bytes"] > 2**20
    # What is begun is reserved, and what a shared store has is not counted through.
    reserved = 2 * SIZE
    if server.options[0] != "--store":
        assert seen["eim_files"] == 2
        assert reserved <= seen["eim_file_bytes"] < reserved + 2**20
        told = status(server)
        assert (told["files"], told["file_bytes"]) == (2, seen["eim_file_bytes"])
    assert "1.5 of 4096 MiB of files" in server.command("quota", "alice").stdout
    assert "0.0 of 4096 MiB of files" in server.command("quota", "bob").stdout
    (line,) = [x for x in server.command("users").stdout.splitlines() if x.startswith("alice\t")]
    assert reserved <= int(line.split("\t")[-1]) < reserved + 2**20
    for each in (blob, begun):
        alice.ask(ask.DeleteBlob, blob=each)
    assert "0.0 of 4096 MiB of files" in server.command("quota", "alice").stdout


def test_files_come_back_with_a_backup(start_server: Any, clients: Any, tmp_path: Path) -> None:
    server = start_server()
    alice = clients(server.link, "alice")
    room = alice.room()
    chunks = content()
    blob, begun = upload(alice, room, chunks), begin(alice, room).blob
    whole, bare = tmp_path / "whole.tar", tmp_path / "bare.tar"
    assert server.command("backup", "--with-files", str(whole)).returncode == 0
    assert server.command("backup", str(bare)).returncode == 0
    assert bare.stat().st_size < SIZE < whole.stat().st_size
    for file in (whole, bare):
        done = server.command("verify", str(file))
        assert (done.returncode, "nothing is wrong" in done.stdout) == (0, True), done
    server.stop()
    for file, is_there in ((whole, True), (bare, False)):
        server.data.rename(tmp_path / f"before {file.name}")
        assert server.command("restore", str(file)).returncode == 0
        server.restart()
        again = clients(server.link, keys=alice.keys)
        again.login("alice")
        if is_there:
            assert download(again, blob, len(chunks)) == chunks
            assert again.ask(ask.FindBlob, blob=begun).code == "no_blob"
        else:
            assert get(again, blob, 0) == "expired"
        server.stop()


def test_files_are_verified_while_people_use_them(
    start_service: Any, clients: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = start_service()
    if server.options[:1] == ("--store",):
        monkeypatch.setenv("EIM_STORE", server.options[1])
        monkeypatch.setenv("EIM_BLOBS", str(server.data.parent / "shared"))
    alice = clients(server.link, "alice")
    blob = upload(alice, alice.room(), content())
    place = next((server.data.parent / "shared").glob("??/*"), None)
    (path,) = [place] if place else files_of(server.data)
    assert path.name == blob.hex()
    if place:
        done = server.command("backup", str(tmp_path / "backup.tar"))
        assert done.returncode != 0
        assert "What this server keeps is in a Redis." in done.stderr
    done = server.command("verify")
    assert (done.returncode, "nothing is wrong" in done.stdout) == (0, True), done
    with path.open("r+b") as file:
        file.seek(CHUNK_SIZE + 7)
        file.write(b"\0\0\0\0")
    done = server.command("verify")
    assert done.returncode == 1
    assert blob.hex() in done.stdout + done.stderr
    path.unlink()
    assert f"the blob {blob.hex()} is missing" in server.command("verify").stderr
    alice.ask(ask.DeleteBlob, blob=blob)
    assert server.command("verify").returncode == 0
