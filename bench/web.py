"""What the page costs a browser: until it is seen, while one scrolls, and after minutes of talk.

A Chromium shows the page beside a double of the client, which has a long history and in whose room
somebody writes all the time. Needs chromium and chromium-driver, and what the tests need.

Usage:
  web.py [--history N] [--rate N] [--seconds N] [--quick] [--json]

Options:
  --history N  Messages of the conversation that one scrolls through [default: 100000].
  --rate N     Messages a second that come meanwhile [default: 50].
  --seconds N  How long the growth of memory is watched [default: 600].
  --quick      A few seconds of each, to see that it works; the numbers mean little.
  --json       Print one JSON object instead.
"""

import itertools
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import kit.checkout  # noqa: F401 - has to come before what is measured
import msgspec
from docopt import docopt
from kit.findings import Finding, judge, present

from geventim.client.said.markup import parse
from geventim.web import pages
from geventim.web.exchange import HEADERS
from tests.browser.chromium import Chromium

ROOM = "01" * 16
NICKS = ("ana", "bo", "carol", "dave", "erin")
WORDS = (
    "ok",
    "shall we meet at *eight*?",
    "see https://example.org/a/long/address for the numbers, and `make test` before you push",
    "a longer one that takes several lines of the screen, as people write them when they explain "
    "what they have done all day and why it was not what they had meant to do in the morning",
)
SIZE = 150 * 1024


def written(order: int) -> dict[str, Any]:
    """The message with this number."""
    text = f"{order} {WORDS[order % len(WORDS)]}"
    return {
        "conversation": "lobby",
        "conversation_id": ROOM,
        "kind": "room",
        "nick": NICKS[order // 3 % len(NICKS)],
        "message": text,
        "parts": msgspec.to_builtins(parse(text)),
        "date": 1_796_000_000 + order * 20,
        "seq": order,
        "verified": False,
        "message_id": f"{order:032x}",
        "order": order,
    }


class Double:
    """Answers what a page asks a client for. ``count`` messages were written so far."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._numbers = itertools.count(1)
        self._lines: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def snapshot(self) -> dict[str, Any]:
        """What a stream begins with."""
        place = {"id": ROOM, "name": "lobby", "kind": "room", "keyed": False, "stage": "active"}
        place |= {"unread": 0, "mentions": 0, "read": self.count, "members": len(NICKS)}
        place |= {"trust": "unverified", "muted": False, "draft": ""}
        members = [{"nick": nick, "account": "", "standing": "unverified"} for nick in NICKS]
        people = [{"nick": nick, "status": "normal"} for nick in NICKS]
        return {
            "event": "snapshot", "n": "run-0", "nick": "ana", "server": "127.0.0.1:5555",
            "connection": "online", "room": "lobby", "status": "normal", "conversations": [place],
            "members": {ROOM: members}, "people": people,
        }  # fmt: skip

    def say(self) -> None:
        """Have somebody write."""
        self.count += 1
        number = f"run-{next(self._numbers)}"
        self._lines.put({"event": "message", "n": number, **written(self.count)})

    def wish(self, wish: dict[str, Any]) -> None:
        """Take a wish; its answer comes with the events."""
        done: dict[str, Any] = {"transfers": [], "numbers": [], "nicks": [], "highlights": []}
        if wish["wish"] == "timeline":
            done = {"messages": [written(order) for order in self._page(wish)], "damaged": False}
        self._lines.put({"answer": wish["id"], "done": done})

    def _page(self, wish: dict[str, Any]) -> range:
        limit, end = wish["limit"], self.count + 1
        if "before" in wish:
            end = wish["before"]
        elif "after" in wish:
            return range(wish["after"] + 1, min(end, wish["after"] + 1 + limit))
        elif "around" in wish:
            end = min(end, wish["around"] + limit // 2)
        return range(max(1, end - limit), end)

    def stream(self) -> Iterator[bytes]:
        """What the page is told."""
        yield self._record(self.snapshot())
        while True:
            yield self._record(self._lines.get())

    def _record(self, line: dict[str, Any]) -> bytes:
        number = f"id: {line['n']}\n" if "n" in line else ""
        return f"{number}data: {json.dumps(line)}\n\n".encode()


def serve(double: Double) -> ThreadingHTTPServer:
    """A server of the page, and of what ``double`` says."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/events":
                self._begin(HTTPStatus.OK, "text/event-stream", None)
                for record in double.stream():
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(record), record))
                    self.wfile.flush()
            found = pages.read(self.path.rpartition("/")[2] or pages.INDEX)
            self._answer(*found) if found else self._answer("text/plain", b"")

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/wishes":
                double.wish(said)
            self._answer("application/json", json.dumps({"token": "token", "nick": "ana"}).encode())

        def _begin(self, status: HTTPStatus, kind: str, size: int | None) -> None:
            self.send_response(status)
            for name, value in (("Content-Type", kind), *HEADERS):
                self.send_header(name, value)
            length = ("Transfer-Encoding", "chunked") if size is None else ("Content-Length", size)
            self.send_header(length[0], str(length[1]))
            self.end_headers()

        def _answer(self, kind: str, body: bytes) -> None:
            self._begin(HTTPStatus.OK, kind, len(body))
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody is told."""

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def talk(double: Double, rate: int) -> threading.Event:
    """Have somebody write so often, until the event that is given is set."""
    stop = threading.Event()

    def run() -> None:
        due = time.monotonic()
        while not stop.is_set():
            double.say()
            due += 1 / rate
            stop.wait(max(0.0, due - time.monotonic()))

    threading.Thread(target=run, daemon=True).start()
    return stop


def heap(browser: Chromium) -> int:
    """Bytes of the page's heap after everything was collected."""
    browser.devtools("HeapProfiler.collectGarbage")
    return int(browser.devtools("Runtime.getHeapUsage")["usedSize"])


SCROLL = """
const [milliseconds, done] = [arguments[0], arguments[1]];
const timeline = document.querySelector(".timeline");
const begin = performance.now();
let frames = 0;
const step = () => {
  const passed = performance.now() - begin;
  frames += 1;
  if (passed > milliseconds) return done(frames);
  timeline.scrollTop += passed % 4000 < 3000 ? -60 : 90;
  requestAnimationFrame(step);
};
step();
"""


def tasks(browser: Chromium, seconds: float) -> list[float]:
    """Milliseconds of each task of the page's main thread while one scrolls."""
    browser.log()
    browser.devtools("Performance.enable")
    browser.js_async(SCROLL, seconds * 1_000)
    browser.js("return 0")
    threads: dict[tuple[int, int], list[float]] = {}
    for each in browser.log():
        event = each.get("params", {})
        if event.get("name") == "RunTask" and "dur" in event:
            threads.setdefault((event["pid"], event["tid"]), []).append(event["dur"] / 1_000)
    # The busiest of them is the main thread of the page.
    return sorted(max(threads.values(), key=sum))


def measure(options: dict[str, Any], directory: Path) -> list[Finding]:
    """All that is found."""
    is_quick = options["--quick"]
    double = Double(int(options["--history"]))
    server = serve(double)
    traced = {"enableNetwork": False, "enablePage": False}
    traced["traceCategories"] = "disabled-by-default-devtools.timeline"
    browser = Chromium(directory, perfLoggingPrefs=traced)
    try:
        browser.size(1280, 800)
        browser.open(f"http://127.0.0.1:{server.server_port}/#once")
        browser.find(".message", f"{double.count} ")
        paint = browser.js(
            "return performance.getEntriesByName('first-contentful-paint')[0].startTime"
        )
        stop = talk(double, int(options["--rate"]))
        found = tasks(browser, 1.0 if is_quick else 20.0)
        browser.click(".down .button")
        browser.gone(".down .button")
        time.sleep(0.3 if is_quick else 30.0)
        before = heap(browser)
        time.sleep(0.5 if is_quick else float(options["--seconds"]))
        after = heap(browser)
        stop.set()
        nodes = browser.js("return document.querySelectorAll('.message').length")
    finally:
        browser.close()
        server.shutdown()
    size = sum(path.stat().st_size for path in pages.PLACE.iterdir())
    bounds = (None,) * 4 if is_quick else (1_000.0, 16.0, 5.0, float(SIZE))
    return [
        Finding("first_paint_ms", round(paint, 1), bounds[0]),
        Finding("tasks", len(found)),
        Finding("task_p50_ms", round(found[len(found) // 2], 2)),
        Finding("task_p99_ms", round(found[int(len(found) * 0.99)], 2), bounds[1]),
        Finding("task_max_ms", round(found[-1], 1)),
        Finding("messages_drawn", nodes),
        Finding("heap_kib", round(after / 1024)),
        Finding("heap_growth_percent", round(100 * (after / before - 1), 2), bounds[2]),
        Finding("page_bytes", size, bounds[3]),
    ]


def main(options: dict[str, Any]) -> int:
    """Measure, and print it."""
    with tempfile.TemporaryDirectory() as directory:
        findings = measure(options, Path(directory))
    present(findings, as_json=options["--json"])
    return judge(findings)


if __name__ == "__main__":
    sys.exit(main(docopt(__doc__)))
