"""Drives a real Chromium, as a person would, through its driver (W3C WebDriver over HTTP)."""

import base64
import http.client
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import conftest

PATIENCE = 3 * conftest.PATIENCE
"""Seconds to wait for something to be seen, on a machine that has much else to do."""

PROGRAM = "chromedriver"
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
    " --disable-dev-shm-usage --hide-scrollbars --force-prefers-no-reduced-motion"
).split()

KEYS = {
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Tab": "\ue004",
    "Backspace": "\ue003",
    "Delete": "\ue017",
    "ArrowUp": "\ue013",
    "ArrowDown": "\ue015",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "F1": "\ue031",
    "F6": "\ue036",
    "Shift": "\ue008",
    "Control": "\ue009",
    "Alt": "\ue00a",
}


def require() -> None:
    """Skip where there is no Chromium, unless nothing may be skipped."""
    if shutil.which(PROGRAM) is None and os.environ.get("EIM_REQUIRE_ALL") != "1":
        pytest.skip(f"no {PROGRAM} here: apt-get install chromium chromium-driver")


class DriverError(Exception):
    """What the driver says did not work; ``code`` is a word for it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class Chromium:
    """A browser with an empty profile in ``directory``, and one window."""

    def __init__(self, directory: Path, *flags: str, **capabilities: Any) -> None:
        directory.mkdir(exist_ok=True)
        self.downloads = directory
        self._driver = subprocess.Popen(
            [PROGRAM, "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(directory)},
        )
        try:
            self._port = self._read_port()
            options = {
                "args": [*FLAGS, f"--user-data-dir={directory / 'profile'}", *flags],
                **capabilities,
            }
            asked = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}
            if "perfLoggingPrefs" in options:
                asked["alwaysMatch"]["goog:loggingPrefs"] = {"performance": "ALL"}
            made = self._call("POST", "/session", {"capabilities": asked})
            self._session = f"/session/{made['sessionId']}"
            self.devtools(
                "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(directory)
            )
        except BaseException:
            self._end()
            raise

    def _read_port(self) -> int:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            found = re.search(rb"started successfully on port (\d+)", line)
            if found:
                return int(found[1])
        raise AssertionError("the driver has not started")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2 * PATIENCE)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise DriverError(value["error"], value["message"])
        return value

    def close(self) -> None:
        """End it."""
        try:
            self._call("DELETE", self._session)
        finally:
            self._end()

    def _end(self) -> None:
        assert self._driver.stdout is not None
        self._driver.terminate()
        self._driver.wait(PATIENCE)
        self._driver.stdout.close()

    def _do(self, path: str, **body: Any) -> Any:
        return self._call("POST", self._session + path, body)

    def open(self, url: str) -> None:
        """Go there."""
        self._do("/url", url=url)

    def tab(self) -> str:
        """Open another tab, and go on in it; the one where one was."""
        here = self._call("GET", f"{self._session}/window")
        made = self._do("/window/new", type="tab")
        self._do("/window", handle=made["handle"])
        return str(here)

    def back_to(self, tab: str) -> None:
        """Close this tab, and go on in that one."""
        self._call("DELETE", f"{self._session}/window")
        self._do("/window", handle=tab)

    def js(self, script: str, *arguments: Any) -> Any:
        """What a function with this body returns."""
        return self._do("/execute/sync", script=script, args=arguments)

    def js_async(self, script: str, *arguments: Any) -> Any:
        """What is given to the last argument of a function with this body, which is a function."""
        return self._do("/execute/async", script=script, args=arguments)

    def within(self, script: str, *arguments: Any) -> None:
        """Run a script that sees what modules of the page offer, as ``app`` and ``store``."""
        self.js_async(
            "const done = [...arguments].pop();"
            "Promise.all(['app', 'store'].map((each) => import(`/page/${each}.js`)))"
            ".then(async ([page, { store }]) => {" + script + "})"
            ".finally(() => requestAnimationFrame(() => requestAnimationFrame(done)));",
            *arguments,
        )

    def devtools(self, command: str, **parameters: Any) -> Any:
        """What the DevTools protocol says to a command."""
        return self._do("/goog/cdp/execute", cmd=command, params=parameters)

    def size(self, width: int, height: int, scale: float = 1) -> None:
        """Have the page see a window of that size, in pixels of CSS."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=False,
        )

    def prefer(self, **features: str) -> None:
        """Media features as the user has them, such as ``prefers_color_scheme="dark"``."""
        some = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.devtools("Emulation.setEmulatedMedia", features=some)

    def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode(self._call("GET", f"{self._session}/screenshot"))

    def log(self) -> list[dict[str, Any]]:
        """What the DevTools protocol has told since the last time."""
        return [
            json.loads(each["message"])["message"]
            for each in self._do("/se/log", type="performance")
        ]

    def find(self, selector: str, text: str = "") -> str:
        """Wait for the first element that is seen there, and has that ``text`` or name."""
        return str(self.until(lambda: self._look(selector, text), f"{selector} {text!r}"))

    def _look(self, selector: str, text: str) -> str | None:
        found = self.js(
            """
            const [selector, text] = arguments;
            return [...document.querySelectorAll(selector)].find(
              (each) => each.checkVisibility()
                && [each.innerText, each.textContent, each.ariaLabel, each.title]
                  .some((each) => each?.includes(text)),
            ) ?? null;
            """,
            selector,
            text,
        )
        return None if found is None else str(found[ELEMENT])

    def gone(self, selector: str, text: str = "") -> None:
        """Wait until there is no such element."""
        self.until(lambda: self._look(selector, text) is None, f"no {selector} {text!r}")

    def until(self, has_come: Callable[[], Any], what: str = "") -> Any:
        """Wait for something, which is not false."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                found = has_come()
            except DriverError as error:
                if error.code not in {"stale element reference", "javascript error"}:
                    raise
                found = None
            if found:
                return found
            if time.monotonic() > deadline:
                page = self.js("return document.body.innerText")
                raise AssertionError(f"there is no {what} in:\n{page[:3000]}")
            time.sleep(0.03)

    def click(self, selector: str, text: str = "") -> None:
        """Click on what is found there."""

        def has_clicked() -> bool:
            element = self.find(selector, text)
            try:
                self._do(f"/element/{element}/click")
            except DriverError as error:
                if "intercepted" in error.code or "not interactable" in error.code:
                    return False
                raise
            return True

        self.until(has_clicked, f"{selector} {text!r} to click on")

    def hover(self, selector: str, text: str = "") -> None:
        """Move the pointer there."""
        origin = {ELEMENT: self.find(selector, text)}
        move = {"type": "pointerMove", "duration": 0, "origin": origin, "x": 0, "y": 0}
        self._do("/actions", actions=[{"type": "pointer", "id": "mouse", "actions": [move]}])

    def put(self, selector: str, text: str) -> None:
        """Put text into an element, in the place of what is there."""
        self.click(selector)
        self.js("document.activeElement.select?.()")
        self.write(text)

    def choose(self, selector: str, *paths: Path) -> None:
        """Choose files, also where the element for that is not seen."""
        found = self._do("/element", using="css selector", value=selector)[ELEMENT]
        self._do(f"/element/{found}/value", text="\n".join(map(str, paths)))

    def keys(self, *keys: str) -> None:
        """Press keys where the focus is: ``"a"``, ``"Enter"``, ``"Control+k"``."""
        actions = []
        for key in keys:
            *held, last = key.split("+") if len(key) > 1 else [key]
            codes = [KEYS.get(each, each) for each in [*held, last]]
            actions += [{"type": "keyDown", "value": code} for code in codes]
            actions += [{"type": "keyUp", "value": code} for code in reversed(codes)]
        self._do("/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def reach(self, text: str) -> None:
        """Press Tab until what has the focus is called so, which the whole page may be before."""
        self.until(lambda: (self.keys("Tab"), text in self.focus)[1], f"focus on {text!r}")

    def write(self, text: str) -> None:
        """Type text where the focus is."""
        self.devtools("Input.insertText", text=text)

    @property
    def focus(self) -> str:
        """What has the focus: its id, its name, its label, or its words."""
        return str(
            self.js(
                "const e = document.activeElement;"
                "if (e === document.body) return 'BODY';"
                "return e.id || e.ariaLabel || e.labels?.[0]?.innerText || e.innerText || e.tagName"
            )
        )

    @property
    def text(self) -> str:
        """All that is to be read."""
        return str(self.js("return document.body.innerText"))
