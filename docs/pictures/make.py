"""Draws the pictures of the README from a real run: `make pictures`.

A deployment of its own trains the recipes of `include/plans/catalogue.json` on the demo's examples, and a headless
browser shows its pages. Run it when the pages look different; the numbers are the same on any machine, except seconds.
"""

import json
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from embedded import embedded_deployment  # noqa: E402
from pages import browser  # noqa: E402

PLAN = json.loads((ROOT / "include/plans/catalogue.json").read_text(encoding="utf-8")) | {"name": "Space or atheism?"}
PICTURES = {
    "leaderboard.png": ("leaderboard", "main", 560),
    "score-and-cost.png": ("pictures", ".side-by-side", None),
    "options.png": ("pictures", "#options", None),
}
"""For each file the page, the part of it that is drawn, and how much of its height."""


def main() -> None:
    """Train, draw every picture, and stop the deployment again."""
    with embedded_deployment() as deployment:
        deployment.run("examples", "demo")
        run_id, _ = deployment.train(PLAN)
        with browser(deployment) as (context, base):
            page = context.new_page()
            page.set_viewport_size({"width": 1200, "height": 900})
            for name, (path, part, height) in PICTURES.items():
                page.goto(f"{base}{path}?run={run_id.replace('+', '%2B')}", wait_until="networkidle")
                place = page.locator(part).first
                box = place.bounding_box()
                if box is None:
                    raise RuntimeError(f"{path} does not show {part}")
                clip = box | {"height": min(box["height"], height or box["height"])}
                page.screenshot(path=FOLDER / name, clip=clip, full_page=True)
                print(f"docs/pictures/{name}")


if __name__ == "__main__":
    main()
