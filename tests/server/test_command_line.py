"""What the words mean; whether it is done as they say is tested with ``run``."""

from pathlib import Path

import pytest

from geventim.chat import administration as admin
from geventim.chat import limits
from geventim.chat.values import Access
from geventim.server import command_line
from geventim.server.command_line import main
from geventim.server.settings import Settings
from tests.usage import usage

USAGE = usage("eim-server")


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    """What would be done, each with an exit code of its own."""
    made = []

    def call(code):
        return lambda *arguments: (made.append(arguments), code)[1]

    monkeypatch.setenv("EIM_DATA", "/data")
    monkeypatch.setattr(command_line, "serve", call(41))
    monkeypatch.setattr(command_line, "administer", call(42))
    monkeypatch.setattr(
        command_line, "start_logging", lambda level, as_json: made.append((level, as_json))
    )
    return made


def settings(*words, calls):
    assert main(USAGE, list(words)) == 41
    _, (found,) = calls
    return found


def test_without_words_it_serves_this_machine(calls):
    assert settings(calls=calls) == Settings("127.0.0.1", 5555, "", Path("/data"), Access.OPEN)
    assert calls[0] == ("info", False)


def test_every_option_counts(calls, tmp_path):
    words = "--host 0.0.0.0 --port 0 --public chat.example.org --access allowlist --trace"
    more = f"--access-key-file {tmp_path}/key --room-limit 7 --keep-days 30 --data {tmp_path}"
    logs = "--log-level debug --log-json"
    assert settings(*f"{words} {more} {logs}".split(), calls=calls) == Settings(
        "0.0.0.0",
        0,
        "chat.example.org",
        tmp_path,
        Access.ALLOWLIST,
        tmp_path / "key",
        trace=True,
        room_limit=7,
        keep=30 * 86_400.0,
    )
    assert calls[0] == ("debug", True)


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
        (["invite"], admin.Invite(1)),
        (["invite", "--uses", "5"], admin.Invite(5)),
        (["allow", "carol"], admin.Allow("carol")),
        (["operator", "alice"], admin.Operator("alice")),
        (["users"], admin.Users()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_commands_go_to_the_server_of_the_directory(words, message, calls):
    assert main(USAGE, words) == 42
    assert main(USAGE, [*words, "--data", "/other"]) == 42
    assert calls == [(Path("/data"), message), (Path("/other"), message)]


@pytest.mark.parametrize(
    "words",
    [
        "--nonsense",
        "announce",
        "announce two words",
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
        "--store 127.0.0.1:6379",
        "--store http://127.0.0.1:6379/0",
        "invite --uses 0",
        f"invite --uses {admin.MOST_USES + 1}",
        "announce " + "x" * (limits.TEXT_SIZE + 1),
    ],
    ids=lambda words: words[:30],
)
def test_other_words_are_explained_and_do_nothing(words, calls, capsys):
    assert main(USAGE, words.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err
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


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_questions_about_itself(word, calls, capsys):
    with pytest.raises(SystemExit) as caught:
        main(USAGE, [word])
    assert not caught.value.code
    assert "geventim" in capsys.readouterr().out
    assert calls == []
