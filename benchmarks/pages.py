"""How soon a browser shows the first picture of each page: `python benchmarks/pages.py [--rounds 3]`.

A deployment of its own, as `pipeline up` creates it, holds a thousand models of twenty runs, which
`benchmarks/registry.py` stores. Headless Chromium opens each page in a new tab, undisturbed and while a run trains on
this machine's cores, and the time is taken when the first picture, or the first row of a table, is visible. The first
round is not counted: the browser then has no file of the pages yet. Needs Chromium.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from disturbance import EXAMPLES, PLAN, write_made_up
from embedded import Embedded, embedded_deployment
from machine import format_machine
from playwright.sync_api import BrowserContext, sync_playwright
from registry import DEFINITIONS, MODELS, RUNS, fill

from pipeline.deployment.record import Record, Secrets

ONE, OTHER = (definition.label for definition in DEFINITIONS[:2])
PAGES = {
    "leaderboard of all runs": ("leaderboard", "#board tbody tr"),
    "leaderboard of a run": ("leaderboard?run=run-7", "#board tbody tr"),
    "pictures of a run": ("pictures?run=run-7", "#score-and-training-seconds svg"),
    "which option matters": ("options?run=run-7", ".effects svg"),
    "model": (f"model?model={ONE}", "#confusion-matrix svg"),
    "comparison": (f"compare?model={ONE}&model={OTHER}", "#gains-B svg"),
    "aliases": ("aliases", "#content > *"),
    "REST API": ("api", "#content section"),
}
Seconds = dict[str, list[float]]


@contextmanager
def browser(deployment: Embedded) -> Iterator[tuple[BrowserContext, str]]:
    """Yield a browser that is logged in as the administrator, and the address of the pages."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    base = Record.read(deployment.home).base_url
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        context = started.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(base)
        page.fill("input[name=username]", "admin")
        page.fill("input[name=password]", Secrets.read(deployment.home).admin_password)
        page.click("button[type=submit]")
        page.get_by_text("Welcome").wait_for()
        page.close()
        yield context, f"{base}/registry/pages/"
        started.close()


def open_all(context: BrowserContext, base: str, rounds: int) -> Seconds:
    """Return the seconds until the first picture of each page is visible, without the first round."""
    seconds: Seconds = {name: [] for name in PAGES}
    for number in range(rounds + 1):
        for name, (path, selector) in PAGES.items():
            page = context.new_page()
            page.goto(base + path, wait_until="commit")
            page.locator(selector).first.wait_for()
            taken = page.evaluate("performance.now() / 1000")
            page.close()
            if number:
                seconds[name].append(taken)
    return seconds


def measure(rounds: int) -> tuple[Seconds, Seconds]:
    """Return the seconds of each page undisturbed, and while a run trains."""
    with embedded_deployment() as deployment, tempfile.TemporaryDirectory() as folder:
        examples = Path(folder, "examples.csv")
        write_made_up(examples, EXAMPLES)
        deployment.run("examples", "load", str(examples))
        fill(deployment.connections.models_db, 20_000)
        busy: Seconds = {}
        with browser(deployment) as (context, base):
            alone = open_all(context, base, rounds)

            @contextmanager
            def watch(_: str) -> Iterator[None]:
                nonlocal busy
                busy = open_all(context, base, rounds)
                yield

            deployment.train(PLAN, watch)
    return alone, busy


def main() -> None:
    """Measure every page and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each page is opened")
    alone, busy = measure(parser.parse_args().rounds)
    print(format_machine(), "\n")
    print(f"{RUNS * MODELS:,} models in {RUNS} runs; seconds until the first picture\n")
    print("| page | median | at most | while a run trains: median | at most |")
    print("| --- | --: | --: | --: | --: |")
    for name in PAGES:
        cells = [f"{statistic(each[name]):.2f}" for each in (alone, busy) for statistic in (median, max)]
        print("|", " | ".join([name, *cells]), "|")


if __name__ == "__main__":
    main()
