"""Files and pictures, sent and received."""

import struct
import zlib
from pathlib import Path

from tests.browser.chromium import Chromium
from tests.browser.pictures import chunk, png
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

WATCH_FETCHES = """
const real = window.fetch;
window.spoiled = true;
window.fetched = { all: 0, now: 0, most: 0 };
window.fetch = (path, ...more) => {
  if (!String(path).startsWith("/files/")) return real(path, ...more);
  fetched.all += 1;
  fetched.now += 1;
  fetched.most = Math.max(fetched.most, fetched.now);
  return real(path, ...more).finally(() => (fetched.now -= 1));
};
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
    page.find(".picture:not(.empty) img")
    page.until(lambda: page.js("return document.querySelector('.picture img').naturalWidth") == 120)
    page.click(".picture")
    page.find(".dialog .frame img")
    page.keys("Escape")
    page.click("[aria-label='Save notes.txt']")
    saved = browser.downloads / "notes.txt"
    page.until(lambda: saved.exists() and saved.stat().st_size)
    assert saved.read_bytes() == (files / "notes.txt").read_bytes()


def test_a_picture_that_is_not_fetched_yet_has_a_small_one_in_its_place(
    page: Chromium, stage: Stage, group: str, files: Path
) -> None:
    stage.ana.wish("change_setting", name="pictures", value=False)
    page.js("location.reload()")
    page.find(".talk h1", group)
    stage.bo.say(group, "look", files=(str(files / "blue.png"),))
    page.find(".picture.empty img")
    page.until(lambda: page.js("return document.querySelector('.picture img').naturalWidth") > 0)
    page.click(".picture.empty")
    page.find(".picture:not(.empty) img")
    stage.ana.wish("change_setting", name="pictures", value=True)


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


def test_more_small_pictures_than_are_held_are_fetched_once_and_few_at_a_time(
    page: Chromium, stage: Stage, group: str, tmp_path: Path
) -> None:
    page.js(WATCH_FETCHES)
    paths = [tmp_path / f"{number}.png" for number in range(10)]
    for path in paths:
        path.write_bytes(png(8, 8, lambda *_: (64, 128, 208)))
    for number in range(5):
        stage.bo.say(group, f"see {number}", files=tuple(map(str, paths)))
    page.find(".message", "see 4")
    page.until(
        lambda: page.js("return document.querySelectorAll('.picture:not(.empty) img').length") == 40
    )
    page.until(lambda: page.js("return fetched.now") == 0, "quiet")
    # What is drawn once more asks for nothing more.
    page.within("page.redraw()")
    assert page.js("return [fetched.all, fetched.now, fetched.most]") == [40, 0, 2]
    page.find(".picture.empty", "Show 9.png")


def test_a_picture_that_is_small_only_as_a_file_is_not_decoded(
    page: Chromium, stage: Stage, group: str, tmp_path: Path
) -> None:
    side = 8_000
    pieces = zlib.compress(bytes((1 + side // 8) * side), 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    content = chunk(b"IHDR", head) + chunk(b"IDAT", pieces) + chunk(b"IEND", b"")
    (tmp_path / "vast.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    stage.bo.say(group, "see", files=(str(tmp_path / "vast.png"),))
    page.find(".message .file", "vast.png")
    page.gone(".picture")
