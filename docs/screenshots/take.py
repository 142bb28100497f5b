"""Takes the screenshots beside this file: a real server, real clients, a real browser.

Usage:
  take.py [DIRECTORY]

Needs chromium, chromium-driver and what the tests need; fonts-noto-core and fonts-noto-color-emoji
make text and emoji look as on a desktop. pngquant, where it is installed, makes the files smaller.
"""

import math
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent

sys.path.insert(0, str(HERE.parents[1]))

from geventim import Client  # noqa: E402 - of this checkout
from tests.browser.chromium import Chromium  # noqa: E402 - of this checkout
from tests.browser.pictures import png  # noqa: E402 - of this checkout
from tests.browser.stage import PASSPHRASE, Stage, say  # noqa: E402 - of this checkout

HEIGHT = 270

HILLS = (
    (0.52, 26, 61, (214, 138, 112)),
    (0.66, 34, 97, (140, 88, 110)),
    (0.82, 20, 43, (66, 48, 84)),
)


def evening(x: int, y: int) -> tuple[int, int, int]:
    """The colour of a point of hills in the evening."""
    share = y / HEIGHT
    colour = (int(250 - 40 * share), int(205 - 60 * share), int(150 + 20 * share))
    if math.hypot(x - 350, y - 95) < 34:
        colour = (255, 240, 205)
    for level, high, wide, shade in HILLS:
        if y > HEIGHT * level + high * math.sin(x / wide + level * 9):
            colour = shade
    return colour


def talk(people: dict[str, Client], page: Chromium, directory: Path) -> None:
    """Have everybody say what is seen in the pictures."""
    bo, carol, dave = (people[nick] for nick in ("bo", "carol", "dave"))
    picture = directory / "from-the-ridge.png"
    picture.write_bytes(png(480, HEIGHT, evening))
    bo.create_group("weekend", ("ana", "carol", "dave"))
    page.find(".conversation", "weekend")
    bo.say("@ana", "Have you seen the *new* numbers?")
    page.find(".conversation", "bo")
    page.click(".conversation", "weekend")
    page.find(".talk h1", "weekend")
    bo.say("weekend", "Who is in for Saturday?")
    asked = carol.say(
        "weekend", "Me! Shall we take the **early** train? https://trains.example/0812"
    )
    page.find(".message", "early")
    page.hover(".message", "early")
    page.click(".tools [aria-label=Reply]")
    page.write("The early one, yes. I bring the map.")
    page.keys("Enter")
    page.find(".message.own .sent")
    for one in (bo, dave):
        one.react(asked.message_id, "👍")
    sent = dave.say("weekend", "This was last year, from the ridge:", files=(str(picture),))
    page.find(".picture:not(.empty) img")
    carol.react(sent.message_id, "😍")
    bo.say("weekend", "- boots\n- water\n- a jacket, it may rain")
    carol.say("weekend", "@ana can you bring the stove?")
    page.find(".message.mention")
    say(page, "Packed already 🏕️")
    page.find(".message.own", "Packed")
    page.until(
        lambda: page.js("return document.querySelectorAll('.message.own .sent').length") == 2
    )
    page.click(".conversation", "lobby")
    carol.say("weekend", "Great, see you at the station")
    page.find(".conversation", "weekend, 1 unread")
    page.click(".conversation", "weekend")
    page.find(".message", "at the station")
    dave.say("lobby", "The build is green again.")
    page.find(".conversation", "lobby, 1 unread")


def shoot(page: Chromium, place: Path) -> None:
    """Keep what is seen in the file ``place``."""
    page.js("document.activeElement.blur(); return document.fonts.ready.then(() => null)")
    page.until(lambda: page.js("return !document.querySelector('.toast')"))
    place.write_bytes(page.picture())
    if (program := shutil.which("pngquant")) is not None:
        call = [program, "--force", "--ext", ".png", "--strip", "128", str(place)]
        subprocess.run(call, check=True)  # noqa: S603 - nothing of it comes from elsewhere
    print(f"{place.name}: {place.stat().st_size:,} bytes")


def main(place: Path) -> None:
    """Take all of them."""
    with tempfile.TemporaryDirectory() as directory, ExitStack() as stack:
        root = Path(directory)
        stage = Stage(root / "stage")
        stack.callback(stage.close)
        people = {"bo": stage.bo}
        for nick in ("carol", "dave"):
            client = Client(stage.server.link, nick=nick, data=root / nick)
            people[nick] = stack.enter_context(client)
        page = Chromium(root / "chromium")
        stack.callback(page.close)
        page.size(1280, 800)
        page.prefer(prefers_color_scheme="light", prefers_reduced_motion="reduce")
        page.open(stage.ana.link())
        page.find("#input")
        for nick in ("carol", "bo"):
            page.click(".member", nick)
            page.click(".choice", "Compare keys")
            page.click(".dialog .button", "They are the same")
            page.gone(".dialog .digits")
            if page.js("return !!document.querySelector('.dialog.form')"):
                page.put(".dialog input", PASSPHRASE)
                page.keys("Enter")
                page.gone(".dialog.form")
        talk(people, page, root)
        page.js(
            "localStorage.setItem('preferences', '{\"started\": [\"done\"]}'); location.reload()"
        )
        page.find(".picture:not(.empty) img")
        for width, height, theme in (
            (1280, 800, "light"),
            (1280, 800, "dark"),
            (800, 700, "light"),
            (800, 700, "dark"),
        ):
            page.size(width, height)
            page.prefer(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
            if width < 1100 and page.js("return !!document.querySelector('.side')"):
                page.click(".side .close")
            shoot(page, place / f"{width}-{theme}.png")
        page.size(360, 720)
        shoot(page, place / "360-dark.png")
        page.click("[aria-label='All conversations']")
        page.hover(".conversations")
        page.prefer(prefers_color_scheme="light", prefers_reduced_motion="reduce")
        shoot(page, place / "360-light.png")
        page.size(800, 700)
        page.click(".conversation", "bo")
        page.click(".chip", "verified")
        page.find(".dialog .qr")
        shoot(page, place / "verify-light.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE)
