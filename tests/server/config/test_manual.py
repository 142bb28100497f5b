"""What is written about the settings."""

import tomllib

import pytest
from docopt import docopt

from geventim.server.config import manual
from geventim.server.config.configuration import Configuration
from geventim.server.config.settings import TABLE, Source
from tests.usage import usage

HELP = manual.complete(usage("eim-server"))
OPTIONS = {setting.option for setting in TABLE if Source.OPTION in setting.sources}


def test_docopt_reads_every_setting_from_the_help_and_nothing_else():
    found = docopt(HELP, [])
    assert {name for name in found if name.startswith("--")} == OPTIONS | {
        "--",
        "--uses",
        "--days",
        "--remove",
        "--reset",
        "--stored",
        "--created",
        "--files",
        "--with-files",
        "--json",
        "--version",
        "--help",
    }
    assert not any(found[option] for option in OPTIONS)


@pytest.mark.parametrize("setting", TABLE, ids=lambda setting: setting.name)
def test_docopt_takes_a_value_where_there_is_one(setting):
    if setting.option in OPTIONS:
        words = [setting.option, "x"] if setting.word else [setting.option]
        for command in ([], ["config"], ["check"]):
            assert docopt(HELP, [*words, *command])[setting.option] == ("x" if setting.word else 1)


def test_the_help_fits_on_a_page_of_a_hundred_columns():
    assert max(map(len, HELP.splitlines())) <= 100
    assert manual.PLACE not in HELP


def test_the_handbook_has_a_row_for_each_setting():
    rows = manual.handbook().splitlines()
    assert len(rows) == len(TABLE) + 2
    assert {row.count("|") for row in rows} == {6}


@pytest.fixture
def listed(tmp_path):
    def listed(environment):
        options = {**docopt(HELP, ["--port", "7"]), "--data": str(tmp_path)}
        return list(manual.listing(Configuration(options, environment)))

    return listed


def test_the_listing_names_every_setting_and_its_origin(listed):
    lines = listed({"EIM_LOG_FILE": 'a "b" é', "EIM_DATA": "/x"})
    assert len(lines) == len(TABLE)
    assert "port = 7  # --port" in lines
    assert "room_limit = 1000  # default" in lines
    assert "# keep_days is not set: they are kept" in lines
    values = tomllib.loads("\n".join(lines))
    assert values["log_file"] == 'a "b" é'
    assert "data" not in values


def test_a_password_is_not_listed(listed):
    lines = listed({"EIM_STORE": "redis://h", "EIM_STORE_PASSWORD": "swordfish"})
    assert "# store_password is set, and not shown  # $EIM_STORE_PASSWORD" in lines
    assert "swordfish" not in "\n".join(lines)
