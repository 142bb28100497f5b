"""What the words mean; whether it is done as they say is tested with ``run``."""

from pathlib import Path

import pytest

from geventim.chat import administration as admin
from geventim.chat import limits
from geventim.chat.administration import Verb
from geventim.chat.values import Access
from geventim.crypto.readable import encode_key
from geventim.server import backups, command_line
from geventim.server.command_line import main
from geventim.server.config.settings import TABLE, Settings
from geventim.store.sqlite.inspection import Findings
from tests.usage import usage

USAGE = usage("eim-server")

KEY, CODE = encode_key(bytes(32)), encode_key(bytes(16))


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    """What would be done, each with an exit code of its own."""
    made = []

    def call(code):
        return lambda *arguments: (made.append(arguments), code)[1]

    for setting in TABLE:
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.setenv("EIM_DATA", "/data")
    monkeypatch.setattr(command_line, "serve", call(41))
    monkeypatch.setattr(command_line, "administer", call(42))
    monkeypatch.setattr(command_line, "check", call(43))
    return made


def settings(*words, calls):
    assert main(USAGE, list(words)) == 41
    ((found, read_again),) = calls
    assert read_again() == found
    return found


def test_without_words_it_serves_this_machine(calls):
    assert settings(calls=calls) == Settings("127.0.0.1", 5555, "", Path("/data"), Access.OPEN)


def test_every_option_counts(calls, tmp_path):
    words = "--host 0.0.0.0 --port 0 --public chat.example.org --access allowlist --trace"
    more = f"--access-key-file {tmp_path}/key --room-limit 7 --keep-days 30 --data {tmp_path}"
    logs = f"--log-level debug --log-json --log-file {tmp_path}/log"
    assert settings(*f"{words} {more} {logs}".split(), calls=calls) == Settings(
        "0.0.0.0",
        0,
        "chat.example.org",
        tmp_path,
        Access.ALLOWLIST,
        tmp_path / "key",
        trace=True,
        room_limit=7,
        keep_days=30,
        log_level="debug",
        log_json=True,
        log_file=tmp_path / "log",
    )


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_an_ipv6_address_may_stand_in_brackets(host, calls):
    assert settings("--host", host, calls=calls).host == "::1"


def test_access_follows_the_host_unless_it_is_said(calls):
    assert settings("--host", "192.0.2.1", calls=calls).access is Access.INVITE
    calls.clear()
    assert settings("--host", "192.0.2.1", "--access", "open", calls=calls).access is Access.OPEN


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["announce", "back at noon"], admin.Announce("back at noon")),
        (["announce", "invite"], admin.Announce("invite")),
        (["announce", "-5 min"], admin.Announce("-5 min")),
        (["announce", "-5"], admin.Announce("-5")),
        (["announce", "--", "-5 min"], admin.Announce("-5 min")),
        (["announce", "--", "--data"], admin.Announce("--data")),
        (["announce", "--data = where all is"], admin.Announce("--data = where all is")),
        (["invite"], admin.Invite(1, 30)),
        (["invite", "--uses", "5", "--days", "2"], admin.Invite(5, 2)),
        (["invites"], admin.Invites()),
        (["revoke", "abcd"], admin.Revoke("abcd")),
        (["revoke", f"eim://host/#{KEY}.{CODE}"], admin.Revoke(CODE)),
        (["operator", "--remove", "alice"], admin.Operator("alice", operator=False)),
        (["remove", "alice"], admin.Judge("alice", Verb.REMOVE)),
        (["release", "alice"], admin.Judge("alice", Verb.RELEASE)),
        (["ban", "alice"], admin.Judge("alice", Verb.BAN)),
        (["unban", "alice"], admin.Judge("alice", Verb.UNBAN)),
        (["mute", "alice"], admin.Judge("alice", Verb.MUTE)),
        (["unmute", "alice"], admin.Judge("alice", Verb.UNMUTE)),
        (["kick", "alice", "lobby"], admin.Kick("alice", "lobby")),
        (["delete", "alice/friends"], admin.Delete("alice/friends")),
        (["quota", "alice"], admin.Quota("alice")),
        (
            ["quota", "alice", "--stored", "9", "--created", "0", "--files", "7", "--reset"],
            admin.Quota("alice", 9, 0, 7, reset=True),
        ),
        (["allow", "carol"], admin.Allow("carol")),
        (["operator", "alice"], admin.Operator("alice")),
        (["users"], admin.Users()),
        (["status"], admin.Status()),
        (["status", "--json"], admin.Status(as_json=True)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_go_to_the_server_of_the_directory(words, message, calls):
    assert main(USAGE, words) == 42
    assert main(USAGE, [words[0], "--data", "/other", *words[1:]]) == 42
    assert calls == [(Path("/data"), message), (Path("/other"), message)]


def test_backups_are_made_put_back_and_verified(calls, monkeypatch, capsys):
    found = Findings(2, 3, 4, 5, (), 6)
    for name in ("back_up", "restore", "verify", "verify_backup"):
        monkeypatch.setattr(
            backups, name, lambda *paths, name=name: (calls.append((name, *paths)), found)[1]
        )
    for words in (
        "backup file",
        "backup --with-files file",
        "restore file",
        "verify",
        "verify file",
    ):
        assert main(USAGE, words.split()) == 0
    data, file = Path("/data"), Path("file")
    assert calls == [
        ("back_up", data, file, None),
        ("back_up", data, file, data / "server" / "blobs"),
        ("restore", file, data),
        ("verify", data, data / "server" / "blobs"),
        ("verify_backup", file),
    ]
    told = capsys.readouterr().out.splitlines()
    assert all(
        "2 accounts, 3 conversations, 4 entries with 5 bytes, 6 files" in line for line in told
    )
    assert len(told) == 5


def test_every_fault_that_was_found_is_told(monkeypatch, capsys):
    faults = ("one is wrong", "another is wrong")
    monkeypatch.setattr(backups, "verify", lambda *_: Findings(2, 3, 4, 5, faults))
    assert main(USAGE, ["verify"]) == 1
    assert capsys.readouterr() == (
        "",
        "eim-server: one is wrong\neim-server: another is wrong\n",
    )


def test_what_is_in_a_redis_is_not_said_to_be_backed_up(monkeypatch, capsys):
    monkeypatch.setenv("EIM_STORE", "redis://127.0.0.1:6379/0")
    assert main(USAGE, ["backup", "file"]) == 1
    assert "What this server keeps is in a Redis. Back that up" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        "--nonsense",
        "backup",
        "restore",
        "verify one two",
        "announce",
        "announce two words",
        "announce --nonsense",
        "dance",
        "allow",
        "--port x",
        "--port -1",
        "--port 65536",
        "--port \u0665",
        "--access all",
        "--log-level loud",
        "--room-limit 1",
        "--keep-days 0",
        "--keep-days 36501",
        "--room-limit 1000001",
        "--public chat.example.org:x",
        "--public a/b",
        "--public a,b",
        "--public a:0",
        "--store 127.0.0.1:6379",
        "--store http://127.0.0.1:6379/0",
        "--store redis://:swordfish@127.0.0.1:6379/0",
        "--store-password swordfish",
        "invite --uses 0",
        f"invite --uses {admin.MOST_USES + 1}",
        "invite --days 0",
        "quota alice --stored -1",
        "quota alice --created x",
        "remove",
        "kick alice",
        "ban alice --uses 2",
        "announce " + "x" * (limits.TEXT_SIZE + 1),
    ],
    ids=lambda words: words[:30],
)
def test_other_words_are_explained_and_do_nothing(words, calls, capsys):
    assert main(USAGE, words.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err
    assert "swordfish" not in err
    assert not any(isinstance(arguments[0], Settings | Path) for arguments in calls)


@pytest.mark.parametrize(
    "words",
    [["announce", ""], ["announce", "\udcff"], ["allow", "\udcff"], ["operator", "a\udcff"]],
)
def test_what_cannot_be_said_is_not(words, calls):
    assert main(USAGE, words) == 2
    assert calls == []


def test_the_right_words_are_named(capsys):
    main(USAGE, ["--access", "all"])
    assert "open, invite, allowlist, not 'all'" in capsys.readouterr().err


def test_a_check_is_of_the_same_settings(calls):
    assert main(USAGE, ["check", "--port", "7"]) == 43
    ((found,),) = calls
    assert found.port == 7


def test_the_configuration_is_printed_and_not_served(calls, capsys):
    assert main(USAGE, ["--port", "7", "config"]) == 0
    out, err = capsys.readouterr()
    assert "port = 7  # --port\n" in out
    assert (err, calls) == ("", [])


def test_a_configuration_that_cannot_be_is_not_printed(calls, capsys):
    assert main(USAGE, ["config", "--workers", "2"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_questions_about_itself(word, calls, capsys):
    with pytest.raises(SystemExit) as caught:
        main(USAGE, [word])
    assert not caught.value.code
    assert "geventim" in capsys.readouterr().out
    assert calls == []
