#!/usr/bin/env bash
# Most people would guess: ticks say where an axis has marks and labels; the points stay where they are.
#
# With plotext 6.1.0, on a logarithmic axis, `ruler("x").ticks([1, 10, 100, 1000])` moves all points into the first column and shows
# the first tick only. Ticks and points become logarithms, but the ends of the axis do so only where plotext chooses the ticks
# itself: with these ticks, the axis goes from 10 to the power of 1 to 10 to the power of 1000. So a logarithmic axis cannot have
# ticks at round values.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check plotext==6.1.0
cat >"$folder/draw.py" <<'PYTHON'
import plotext

values = [1, 10, 100, 1000]
for ticks in ([], [values]):
    plotext.terminal.limit(False, False)
    figure = plotext.figure.clear()
    figure.plot_size(60, 8)
    figure.draw(figure.signal(values, [1, 2, 3, 4], marker="o"))
    ruler = figure.ruler("x").scale("log")
    if ticks:
        ruler.ticks(*ticks)
    lines = figure.build().string(colorless=True).splitlines()
    print(*lines, sep="\n")
    inside = [line[line.index("┤") + 1 :] for line in lines if "┤" in line and "o" in line]
    print("columns of the points:", *[line.index("o") for line in reversed(inside)])
PYTHON
said=$("$folder/venv/bin/python" "$folder/draw.py")
echo "$said"
[[ "$said" == *"columns of the points: 0 18 36 54"*"columns of the points: 0 0 0 0"* ]] || { echo "this has changed"; exit 1; }
