"""Which of the places a setting comes from, and what is said of one that is wrong."""

from pathlib import Path

import pytest

from geventim.chat.values import Access
from geventim.errors import UserError
from geventim.server.config.configuration import LARGEST, Configuration, data_directory
from geventim.server.config.settings import TABLE, Source

NOTHING = {
    setting.option: None if setting.word else False
    for setting in TABLE
    if Source.OPTION in setting.sources
}


@pytest.fixture
def file(tmp_path):
    (tmp_path / "server").mkdir()
    return tmp_path / "server" / "config.toml"


@pytest.fixture
def configure(tmp_path):
    """Options by name, variables by theirs."""

    def configure(environment=None, **options):
        given = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
        return Configuration({**NOTHING, "--data": str(tmp_path), **given}, environment or {})

    return configure


def refusal(configure, **options):
    with pytest.raises(UserError) as caught:
        configure(**options).settings()
    assert caught.value.code == "usage"
    return str(caught.value)


class TestOrigin:
    def test_what_is_nearer_to_the_call_counts_more(self, file, configure):
        file.write_text("port = 1\nroom_limit = 11\nkeep_days = 111\n")
        found = configure({"EIM_PORT": "2", "EIM_ROOM_LIMIT": "22"}, port="3").found
        assert (found["port"].value, found["port"].origin) == (3, "--port")
        assert (found["room_limit"].value, found["room_limit"].origin) == (22, "$EIM_ROOM_LIMIT")
        assert (found["keep_days"].value, found["keep_days"].origin) == (111, str(file))
        assert (found["workers"].value, found["workers"].origin) == (1, "default")

    def test_an_empty_variable_is_none(self, configure):
        assert configure({"EIM_PORT": ""}).found["port"].value == 5555

    def test_a_switch_in_the_file_can_be_turned_off_again(self, file, configure):
        file.write_text("trace = true\n")
        assert configure().settings().trace
        assert not configure({"EIM_TRACE": "false"}).settings().trace
        assert configure({"EIM_TRACE": "false"}, trace=True).settings().trace

    def test_access_follows_the_host_unless_it_is_said(self, file, configure):
        assert configure().settings().access is Access.OPEN
        file.write_text('host = "0.0.0.0"\n')
        assert configure().settings().access is Access.INVITE
        file.write_text('host = "0.0.0.0"\naccess = "open"\n')
        assert configure().settings().access is Access.OPEN

    def test_a_path_in_the_file_is_seen_from_there(self, file, configure):
        file.write_text('log_file = "../log"\naccess_key_file = "/etc/key"\n')
        settings = configure().settings()
        assert settings.log_file == file.parent / "../log"
        assert settings.access_key_file == Path("/etc/key")
        assert configure(log_file="log").settings().log_file == Path("log")

    def test_a_password_comes_from_the_file_or_the_environment(self, file, configure):
        file.write_text('store = "redis://h/0"\nstore_password = "swordfish"\n')
        assert configure().settings().store_password == "swordfish"
        assert configure({"EIM_STORE_PASSWORD": "tuna"}).settings().store_password == "tuna"
        assert "--store-password" not in NOTHING


class TestDirectory:
    def test_it_is_given_or_in_the_environment_or_the_platforms(self, monkeypatch):
        variables = {"EIM_DATA": "/from/environment"}
        assert data_directory("/given", variables) == Path("/given")
        assert data_directory(None, variables) == Path("/from/environment")
        assert Configuration(NOTHING, variables).data == Path("/from/environment")
        monkeypatch.setenv("XDG_DATA_HOME", "/from/platform")
        for variables in ({}, {"EIM_DATA": ""}):
            assert data_directory(None, variables) == Path("/from/platform/geventim")
            assert Configuration(NOTHING, variables).data == Path("/from/platform/geventim")

    def test_the_file_cannot_say_where_it_is(self, file, configure):
        file.write_text('data = "/elsewhere"\n')
        text = refusal(configure)
        assert "line 1: data is no setting" in text
        assert "--data, or $EIM_DATA" in text


class TestWrong:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (
                "port = 5\nkeep-days = 3\n",
                "line 2: keep-days is no setting. Did you mean keep_days?",
            ),
            ("\n[server]\nport = 1\n", "line 2: server is no setting. There are host, port"),
            ("port = 70000\n", "line 1: port is a number from 0 to 65535, not '70000'."),
            ('port = "1"\n', "line 1: port is a number from 0 to 65535, not '\"1\"'."),
            ("log_json = 1\n", "line 1: log_json is true or false, not '1'."),
            ('access = "all"\n', "line 1: access is one of open, invite, allowlist, not 'all'."),
            ("port 1\n", "is not TOML: "),
            ("port = 1\nport = 2\n", "(at line 2, column 9)"),
            ("a = " + "[" * 9000, "is not TOML: "),
        ],
    )
    def test_in_the_file(self, file, configure, text, told):
        file.write_text(text)
        sentence = refusal(configure)
        assert sentence.startswith(str(file))
        assert told in sentence

    def test_in_the_environment(self, configure):
        told = refusal(configure, environment={"EIM_PORT": "x"})
        assert told == "$EIM_PORT is a number from 0 to 65535, not 'x'."

    def test_on_the_command_line(self, configure):
        assert refusal(configure, port="x") == "--port is a number from 0 to 65535, not 'x'."

    def test_a_file_that_is_no_text(self, file, configure):
        file.write_bytes(b"port = 1 # \xff\n")
        assert "is not UTF-8 text" in refusal(configure)

    def test_a_file_that_is_too_large(self, file, configure):
        file.write_bytes(b"#" * (LARGEST + 1))
        assert "more than 1,048,576 bytes" in refusal(configure)

    def test_a_file_that_cannot_be_read(self, file, configure):
        file.mkdir()
        assert "cannot be read: Is a directory." in refusal(configure)

    def test_workers_need_a_store(self, file, configure):
        assert "--store" in refusal(configure, workers="2")
        file.write_text('workers = 2\nstore = "redis://h/0"\n')
        assert configure().settings().workers == 2

    def test_a_password_needs_a_store(self, configure):
        assert "without a store" in refusal(configure, environment={"EIM_STORE_PASSWORD": "x"})

    def test_a_password_is_not_repeated(self, file, configure):
        file.write_text('store_password = ["swordfish"]\n')
        assert "swordfish" not in refusal(configure)
