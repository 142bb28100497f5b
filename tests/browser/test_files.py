"""Files and pictures, sent and received."""

from pathlib import Path

from tests.browser.chromium import Chromium
from tests.browser.stage import Stage, hear

DROP = """
const transfer = new DataTransfer();
transfer.items.add(new File([new Uint8Array(arguments[2])], arguments[1]));
const init = { bubbles: true, cancelable: true };
if (arguments[0] === "paste") {
  document.body.dispatchEvent(new ClipboardEvent("paste", { ...init, clipboardData: transfer }));
} else {
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, { ...init, dataTransfer: transfer }));
  }
}
"""


def test_files_are_chosen_sent_and_received(
    page: Chromium, stage: Stage, group: str, files: Path
) -> None:
    page.choose("#files", files / "notes.txt", files / "blue.png")
    page.find(".chosen .chip", "notes.txt")
    page.click(".chosen [aria-label='Remove blue.png']")
    page.gone(".chosen .chip", "blue.png")
    page.click("#input")
    page.write("as promised")
    page.keys("Enter")
    page.find(".message .file", "notes.txt")
    heard = hear(stage, "message", message="as promised")
    path = stage.bo.fetch_file(heard.message_id, path=str(files / "received"))
    assert Path(path).read_bytes() == (files / "notes.txt").read_bytes()


def test_files_are_dropped_and_pasted(page: Chromium, stage: Stage, group: str) -> None:
    page.js(DROP, "drop", "dropped.bin", [1, 2, 3])
    page.find(".chosen .chip", "dropped.bin")
    page.gone(".drop")
    page.js(DROP, "paste", "pasted.bin", [4])
    page.find(".chosen .chip", "pasted.bin")
    page.click(".send")
    heard = hear(stage, "message", conversation=group)
    assert [(each.name, each.size) for each in heard.files] == [
        ("dropped.bin", 3),
        ("pasted.bin", 1),
    ]


def test_pictures_are_shown_and_files_are_saved(
    page: Chromium, stage: Stage, group: str, files: Path, browser: Chromium
) -> None:
    stage.bo.say(group, "two", files=(str(files / "blue.png"), str(files / "notes.txt")))
    page.find(".picture img")
    page.until(lambda: page.js("return document.querySelector('.picture img').naturalWidth") == 120)
    page.click(".picture")
    page.find(".dialog .frame img")
    page.keys("Escape")
    page.click("[aria-label='Save notes.txt']")
    saved = browser.downloads / "notes.txt"
    page.until(lambda: saved.exists() and saved.stat().st_size)
    assert saved.read_bytes() == (files / "notes.txt").read_bytes()


def test_a_transfer_shows_how_far_it_is_and_is_cancelled(
    page: Chromium, stage: Stage, group: str, tmp_path: Path
) -> None:
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(200_000_000)
    page.choose("#files", tmp_path / "large.bin")
    page.click(".send")
    page.find(".transfers progress")
    page.click(".transfers [aria-label='Cancel large.bin']")
    page.gone(".transfers .file")
    page.gone(".message .file", "large.bin")


def test_what_is_too_long_for_a_message_becomes_a_file(page: Chromium, group: str) -> None:
    page.click("#input")
    page.write("long " * 8_000)
    page.keys("Enter")
    page.find(".chosen .chip", "message.txt")
