"""A picture of what a step of the engine costs in lines of different lengths. Both axes are logarithmic, so
that a cost that grew with the length of the line would climb like the dashed one."""
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 460, 62, 150, 58, 48
COLOURS = ["#2f6fd0", "#b8560f", "#13855a", "#8a4fc8", "#c2334d", "#6b7280"]
DARK = ["#7fb0ff", "#f0a35e", "#4fd0a0", "#c79bff", "#ff8a9c", "#a3acb9"]
FONT = "font-family:system-ui,sans-serif"


def style():
    light = "".join(f".s{i}{{stroke:{c}}}.t{i}{{fill:{c}}}" for i, c in enumerate(COLOURS))
    dark = "".join(f".s{i}{{stroke:{c}}}.t{i}{{fill:{c}}}" for i, c in enumerate(DARK))
    return (f"<style>text{{{FONT};font-size:12px;fill:#1c2430}}.bg{{fill:#fff}}.grid{{stroke:#d5dae2}}"
            f".line{{fill:none;stroke-width:2}}.linear{{stroke:#8b95a3;stroke-dasharray:5 4}}.h{{font-size:15px}}{light}"
            f"@media(prefers-color-scheme:dark){{text{{fill:#e6eaf0}}.bg{{fill:#12161c}}.grid{{stroke:#333b46}}{dark}}}"
            "</style>")


def spread(wanted, gap):
    """Heights near those wanted, none closer than `gap` to the next."""
    placed = {}
    for name, y in sorted(wanted.items(), key=lambda item: item[1]):
        placed[name] = max(y, max(placed.values(), default=-gap) + gap)
    return placed


def svg(series):
    """`series`: name -> {people: nanoseconds}."""
    sizes = sorted({people for costs in series.values() for people in costs})
    values = [cost for costs in series.values() for cost in costs.values()]
    low = 10 ** math.floor(math.log10(max(min(values), 1)))
    high = 10 ** math.ceil(math.log10(max(values)))
    first, decades = sizes[0], math.log10(sizes[-1] / sizes[0])

    def x(people):
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log10(people / first) / max(decades, 1)

    def y(cost):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log10(max(cost, low) / low) / math.log10(high / low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
           f'aria-label="Cost of a step of the engine against the number of people waiting">{style()}',
           f'<rect class="bg" width="{WIDTH}" height="{HEIGHT}"/>',
           f'<text class="h" x="{LEFT}" y="24">What one step costs, by how many are waiting</text>',
           f'<text x="{LEFT}" y="43">nanoseconds of one core; both axes logarithmic</text>']
    for people in sizes:
        out.append(f'<line class="grid" x1="{x(people):.1f}" x2="{x(people):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        out.append(f'<text x="{x(people):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{people:,}</text>')
    step = low
    while step <= high:
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(step):.1f}" y2="{y(step):.1f}"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y(step) + 4:.1f}" text-anchor="end">{step:,}</text>')
        step *= 10
    # From the middle of the least: as far as the picture goes.
    start = low * 3
    end = min(sizes[-1], first * high / start)
    out.append(f'<line class="line linear" x1="{x(first):.1f}" y1="{y(start):.1f}" x2="{x(end):.1f}" '
               f'y2="{y(start * end / first):.1f}"/>')
    out.append(f'<text x="{x(end) + 6:.1f}" y="{y(start * end / first) + 14:.1f}">if it grew with the line</text>')
    labels = spread({name: y(costs[max(costs)]) + 4 for name, costs in series.items()}, 16)
    for i, (name, costs) in enumerate(series.items()):
        points = " ".join(f"{x(people):.1f},{y(cost):.1f}" for people, cost in sorted(costs.items()))
        out.append(f'<polyline class="line s{i}" points="{points}"/>')
        out.append(f'<text class="t{i}" x="{x(max(costs)) + 8:.1f}" y="{labels[name]:.1f}">'
                   f"{name}, {costs[max(costs)]:,.0f} ns</text>")
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">people waiting</text></svg>')
    return "\n".join(out) + "\n"
