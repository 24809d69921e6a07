"""The report in a real browser: nothing leaves the page, it fits a phone, and axe-core finds no serious fault."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from trainers.report.html import render
from trainers.report.insight_plots import insight_pictures
from trainers.report.plots import Scored, pictures
from trainers.report.values import Report

EXAMPLES = Path(__file__).parents[1] / "unit/trainers/report"
TASKS = ("binary", "multiclass", "regression")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=[*QUIET, "--disable-sync"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One written report a task."""
    folder = tmp_path_factory.mktemp("reports")
    for task in TASKS:
        report = Report.from_json((EXAMPLES / f"{task}.json").read_text())
        shown = (*pictures(report, scored(task), scored(task)), *insight_pictures(report))
        (folder / f"{task}.html").write_text(render(report, shown))
    return {task: folder / f"{task}.html" for task in TASKS}


def scored(task: str) -> Scored:
    random = np.random.default_rng(0)
    truth = random.integers(0, 2, 200)
    noisy = np.clip(0.3 * truth + 0.5 * random.random(200), 0, 1)
    return Scored("test", truth, np.column_stack([1 - noisy, noisy]) if task == "multiclass" else noisy)


def opened(browser: Browser, path: Path, width: int) -> tuple[Page, list[str], list[str]]:
    """The page, every request it made, and everything it complained of."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    return page, requests, complaints


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_stands_alone_and_fits(browser: Browser, pages: dict[str, Path], task: str, width: int) -> None:
    page, requests, complaints = opened(browser, pages[task], width)
    assert [url for url in requests if not url.startswith("data:")] == [pages[task].as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    loaded = page.evaluate("[...document.images].map(image => image.naturalWidth > 0)")
    assert loaded
    assert all(loaded)
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("heading", name="What was chosen, and why").is_visible()
    page.close()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_fault(browser: Browser, pages: dict[str, Path], task: str, width: int) -> None:
    page, _, _ = opened(browser, pages[task], width)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.close()


def test_printing_leaves_no_table_cut_off(browser: Browser, pages: dict[str, Path]) -> None:
    page, _, _ = opened(browser, pages["binary"], 794)  # A4 at 96 dots an inch
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 794
    assert not page.get_by_role("navigation").is_visible()
    page.close()
