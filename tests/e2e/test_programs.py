"""Programs that wish, as docs/programs.md says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "programs.md"


def test_the_lines_of_the_documentation_do_what_it_says(alice: Any, bob: Any) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    said, done, bad, refused = re.findall(r'^\{"(?:id|answer)".*$', text, re.MULTILINE)
    alice.say(said, bad)
    assert alice.answer(1)["done"].keys() == json.loads(done)["done"].keys()
    assert alice.answer(2)["refused"] == {
        **json.loads(refused)["refused"],
        "text": alice.answer(2)["refused"]["text"],
    }
    assert bob.expect("message")["message"] == json.loads(said)["text"]


def test_every_line_of_a_program_gets_one_answer(server: Any, start_client: Any) -> None:
    robot = start_client(server.link, "robot", "--listen", shown="--wishes")
    robot.say("@names", '{"id": 1, "wish": "fly"}', '{"id": "x", "wish": "people", "odd": 1}', "{")
    robot.say('{"id": 9, "wish": "people"}')
    assert robot.answer(9)["done"] == {"names": ["robot"]}
    answers = [event for event in robot.events if "answer" in event]
    codes = [event["refused"]["code"] for event in answers if "refused" in event]
    assert codes == ["bad_wish", "unknown_wish", "bad_wish", "bad_wish"]
    robot.end_input()


def test_a_line_that_has_no_end_is_refused_and_not_kept(alice: Any) -> None:
    alice.type_bytes(b'{"id": 1, "wish": "say", "to": "lobby", "text": "')
    for _ in range(40):
        alice.type_bytes(b"x" * 250_000)
    alice.type_bytes(b'"}\n')
    alice.sees("error", code="too_large")
    assert alice.wish(wish="people")["done"]["names"] == ["alice"]


@pytest.mark.parametrize("text", ["a\n\n  b\tc\n", "[Server]: hello\n[alice]: hello"])
def test_a_block_of_text_is_one_message(alice: Any, bob: Any, text: str) -> None:
    alice.wish(wish="say", to="#lobby", text=text)
    assert bob.expect("message")["message"] == text
