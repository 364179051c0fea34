"""The report in a real browser: nothing fetched, nothing overflowing, nothing complained about."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from navplan.report import write_report
from navplan.units import LANGUAGES, Language
from tests.report_results import build

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
pytestmark = pytest.mark.web


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"no browser at {CHROMIUM}; set CHROMIUM to one")
    with playwright.sync_playwright() as run:
        opened = run.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def written(
    report_pages: Mapping[Language, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[Language, Path]:
    """Pages to look at: the one in nb is of a town where some have no bus."""
    results = build(tmp_path_factory.mktemp("results"), unserved=True, questions=("areas",))
    unserved = write_report(results, tmp_path_factory.mktemp("out"), language="nb")
    return {**report_pages, "nb": unserved}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    opened = context.new_page()
    yield opened
    context.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_requested_and_nothing_complains(page, written, language):
    requests: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    address = written[language].as_uri()
    page.goto(address)
    assert [url for url in requests if url != address and not url.startswith("data:")] == []
    assert said == []
    assert page.evaluate("document.documentElement.lang") == language


@pytest.mark.parametrize("width", [360, 768, 1100])
def test_the_page_never_scrolls_sideways(page, written, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(written["nb"].as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_images_are_drawn_and_described(page, written):
    page.goto(written["nb"].as_uri())
    images = page.evaluate(
        "[...document.images].map(i => ({alt: i.alt, width: i.naturalWidth, done: i.complete}))"
    )
    assert len(images) >= 6
    assert all(image["done"] and image["width"] > 100 and image["alt"] for image in images)


def test_headings_step_down_one_at_a_time(page, written):
    page.goto(written["en"].as_uri())
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_keyboard_finds_the_skip_link_first_and_sees_it(page, written):
    page.goto(written["nb"].as_uri())
    page.keyboard.press("Tab")
    link = page.evaluate(
        "(() => { const e = document.activeElement; const r = e.getBoundingClientRect();"
        " return {text: e.textContent, left: r.left}; })()"
    )
    assert link == {"text": "Gå til innholdet", "left": 0}
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_text_has_enough_contrast(page, written):
    """At least 4.5 to 1 (WCAG 2.1, 1.4.3) for every piece of text on its own ground."""
    page.goto(written["nb"].as_uri())
    poor = page.evaluate(
        """() => {
          const lum = c => { const [r, g, b] = c.map(v => { v /= 255;
            return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const rgb = s => s.match(/[\\d.]+/g).map(Number);
          const ground = e => { for (; e; e = e.parentElement) {
            const c = rgb(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
          const found = [];
          for (const e of document.body.querySelectorAll('*')) {
            if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
            const a = lum(rgb(getComputedStyle(e).color).slice(0, 3)), b = lum(ground(e));
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            if (ratio < 4.5) found.push(e.tagName + ' ' + ratio.toFixed(2));
          }
          return found; }"""
    )
    assert poor == []


def test_it_prints(page, written):
    page.goto(written["nb"].as_uri())
    assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
