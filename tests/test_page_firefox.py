"""The page in Firefox, driven by its own WebDriver BiDi: it opens from a file and answers as the library does."""

from __future__ import annotations

import json
import queue
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket
from test_page import DAY, INK, READY, ROWS

from benchmarks.generate import landscape
from graphs.access import AccessGraph, build
from graphs.map.page import write_map
from graphs.reachability import who_can_reach
from stakeholders.dataset import Dataset
from stakeholders.removal import without

TIMEOUT = 90.0  # seconds for anything on a busy machine

# A test browser has nobody to report to.
SETTINGS = (
    ("datareporting.policy.dataSubmissionEnabled", "false"),
    ("network.captive-portal-service.enabled", "false"),
    ("network.connectivity-service.enabled", "false"),
    ("browser.startup.homepage_override.mstone", '"ignore"'),
)

# Breaches of the page's policy reach the console only if the page tells of them.
WATCH = "() => addEventListener('securitypolicyviolation', (e) => console.error('policy', e.violatedDirective))"


class Firefox:
    """A headless Firefox, its own profile, one tab; what it logged as an error and asked for from the network."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("firefox-esr") or shutil.which("firefox")
        if program is None:
            pytest.fail("the page is tested in Firefox too; install it (Debian: apt-get install firefox-esr)")
        (folder / "user.js").write_text(
            "".join(f'user_pref("{name}", {value});\n' for name, value in SETTINGS), "utf-8"
        )
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--remote-debugging-port=0", "--profile", str(folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
            env={"HOME": str(folder), "PATH": "/usr/local/bin:/usr/bin:/bin", "MOZ_HEADLESS_WIDTH": "1400",
                 "MOZ_HEADLESS_HEIGHT": "1000", "LANG": "C.UTF-8"},
        )  # fmt: skip
        self.socket = websocket.create_connection(f"{self._address()}/session", suppress_origin=True, timeout=TIMEOUT)
        self.number = 0
        self.call("session.new", capabilities={})
        self.context = self.call("browsingContext.getTree")["contexts"][0]["context"]
        self.call("script.addPreloadScript", functionDeclaration=WATCH)
        self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])

    def _address(self) -> str:
        """Where it listens, which it tells on stderr; that is read to the end, for a full pipe would stop it."""
        lines: queue.Queue[str] = queue.Queue()
        told = self.process.stderr
        assert told is not None
        threading.Thread(target=lambda: [lines.put(line) for line in told], daemon=True).start()
        seen = []
        try:
            while True:
                seen.append(lines.get(timeout=TIMEOUT))
                if found := re.search(r"BiDi listening on (ws://\S+)", seen[-1]):
                    return found[1]
        except queue.Empty:
            self.process.kill()
            pytest.fail(f"Firefox did not start: {''.join(seen)}")

    def call(self, method: str, **params: Any) -> Any:
        """Send a command; what happens before its answer is noted."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                assert message["type"] == "success", message
                return message["result"]
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(str(message["params"]["text"]))
            if message.get("method") == "network.beforeRequestSent":
                self.asked.append(message["params"]["request"]["url"])

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression in the page, or of what it promises."""
        answer = self.call(
            "script.evaluate", expression=f"(async () => JSON.stringify(await ({expression})) ?? null)()",
            target={"context": self.context}, awaitPromise=True,
        )  # fmt: skip
        assert answer["type"] == "success", answer
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def settled(self) -> None:
        """Wait until the page has answered."""
        self.run(f"""new Promise((resolve) => {{
          const look = () => (document.querySelector({json.dumps(READY)}) ? resolve(1) : setTimeout(look, 20));
          look(); }})""")

    def open(self, address: str) -> None:
        # An address that differs only behind the # would not open the page anew.
        self.call("browsingContext.navigate", context=self.context, url="about:blank", wait="complete")
        self.call("browsingContext.navigate", context=self.context, url=address, wait="complete")
        self.settled()

    def go(self, **state: str) -> None:
        self.run(f"AccessMap.app.set({json.dumps(state)})")
        self.settled()

    def press(self, key: str) -> None:
        """A key as a reader presses it."""
        actions = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._act({"type": "key", "id": "keys", "actions": actions})

    def click(self, selector: str) -> None:
        """A click on the first element that a selector finds."""
        x, y = self.run(f"""(() => {{ const found = document.querySelector({json.dumps(selector)});
          found.scrollIntoView({{ block: "center" }});
          const box = found.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
        moves = [
            {"type": "pointerMove", "x": int(x), "y": int(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act({"type": "pointer", "id": "mouse", "actions": moves})

    def _act(self, actions: dict[str, Any]) -> None:
        self.call("input.performActions", context=self.context, actions=[actions])

    def close(self) -> None:
        try:
            self.call("browser.close")
        finally:
            self.socket.close()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    browser = Firefox(tmp_path_factory.mktemp("firefox"))
    yield browser
    browser.close()


@pytest.fixture(autouse=True)
def _no_trouble(firefox: Firefox) -> Iterator[None]:
    """Every test fails if the page logs an error, breaks its policy or asks for anything."""
    firefox.errors.clear()
    firefox.asked.clear()
    yield
    assert firefox.errors == []
    assert [address for address in firefox.asked if not address.startswith(("file:", "data:", "blob:", "about:"))] == []


@pytest.fixture(scope="module")
def address(central_asia_graph: AccessGraph, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "access-map.html"
    write_map(central_asia_graph, path, as_of=DAY)
    return path.as_uri()


def rows(firefox: Firefox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = firefox.run(f"({ROWS})()")
    return found


def test_it_opens_from_a_file_and_answers_as_the_library_does(
    firefox: Firefox, address: str, central_asia_graph: AccessGraph
) -> None:
    firefox.open(address)
    answer = who_can_reach(central_asia_graph, "biometric", as_of=DAY)
    assert rows(firefox) == list(answer.rows)
    reaching = sum(row["verdict"] == "reaches" for row in answer.rows)
    assert f"{reaching} bodies can reach biometric data" in firefox.run("document.querySelector('#headline').innerText")
    first = firefox.run("document.querySelector('#sheet tbody tr th').innerText")
    assert first == central_asia_graph.dataset.name_of(answer.rows[0]["body"])


def test_there_is_ink_on_the_canvas(firefox: Firefox, address: str) -> None:
    firefox.open(address)
    firefox.run("new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100)))")
    ink = firefox.run(f"({INK})()")
    assert ink["colours"] > 50
    assert ink["inked"] > 2000


def test_a_changed_question_is_answered_as_the_library_does(
    firefox: Firefox, address: str, central_asia_graph: AccessGraph
) -> None:
    firefox.open(address)
    asked: dict[str, Any] = {"level": "granted", "certainty": "reported", "as_of": "2022-01-15"}
    firefox.go(target="video", level="granted", certainty="reported", asof="2022-01-15")
    found = rows(firefox)
    assert found == list(who_can_reach(central_asia_graph, "video", **asked).rows)
    assert found


def test_a_vendor_taken_away_leaves_what_the_library_builds_without_it(
    firefox: Firefox, address: str, central_asia: Dataset
) -> None:
    firefox.open(address)
    firefox.go(target="kz-sergek-almaty", without="cn-dahua")
    assert "Dahua" in firefox.run("document.querySelector('#headline').innerText")
    left = firefox.run("""(() => { const { result } = AccessMap.app.internals();
      return result.bodies.map((row) => AccessMap.answers.plain(result.v, row)); })()""")
    answer = who_can_reach(build(without(central_asia, ["cn-dahua"])), "kz-sergek-almaty", as_of=DAY)
    assert left == list(answer.rows)
    lost = firefox.run("AccessMap.app.internals().result.effects.filter((row) => row.change.includes('lost')).length")
    assert lost > 0


def test_a_link_restores_the_view_and_back_leaves_it(firefox: Firefox, address: str) -> None:
    firefox.open(address)
    opening = firefox.run("document.querySelector('#headline').innerText")
    firefox.go(target="face", level="indirect", lang="ru")
    said, link, found = (
        firefox.run("document.querySelector('#headline').innerText"), firefox.run("location.hash"), rows(firefox),
    )  # fmt: skip
    firefox.run("history.back()")
    firefox.run("new Promise((resolve) => setTimeout(resolve, 200))")
    assert firefox.run("document.querySelector('#headline').innerText") == opening
    firefox.open(address + link)
    assert firefox.run("document.querySelector('#headline').innerText") == said
    assert rows(firefox) == found


def test_a_click_on_a_name_shows_its_evidence_and_the_keyboard_goes_on_from_there(
    firefox: Firefox, address: str
) -> None:
    firefox.open(address)
    firefox.click("#sheet tbody th button")
    assert firefox.run("document.activeElement.id") == "panel"
    assert firefox.run("document.querySelectorAll('#panel ol li').length") > 0
    firefox.press("\ue004")  # Tab
    assert firefox.run("document.activeElement.closest('#panel') !== null && document.activeElement.id !== 'panel'")


def test_a_long_comparison_on_a_large_map_leaves_the_page_alive(firefox: Firefox, tmp_path: Path) -> None:
    graph = build(landscape(3_000, degree=6))
    write_map(graph, tmp_path / "large.html", as_of=DAY)
    firefox.open((tmp_path / "large.html").as_uri())
    firefox.run("AccessMap.app.set({ between: '2021-01-01' })")
    assert firefox.run("document.querySelector('#main').getAttribute('aria-busy')") == "true"
    # A newer question stops the older.
    firefox.go(between="", target="face")
    assert rows(firefox) == list(who_can_reach(graph, "face", as_of=DAY).rows)
