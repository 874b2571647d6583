"""The libraries as an SVG that needs no other program: layers from left to right, in the order of building. Pure.

The layout is Sugiyama's in small: a library stands one column behind the last of its needs, an arrow over several columns gets
a place in each of them, and the places of a column are ordered by the middle of their neighbours, which keeps crossings few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

__all__ = ["Drawn", "Layout", "draw", "place"]

_WIDTH, _HEIGHT = 232, 74
_LANE = 18  # the height that an arrow takes in a column that it only passes
_GAP_X, _GAP_Y, _MARGIN, _TOP, _FOOT = 76, 26, 24, 58, 34
_SWEEPS = 6
_STYLE = """
.graph {
  --ink: #1b1e27; --quiet: #565c6d; --line: #9aa1b3; --box: #ffffff; --edge: #c9cedb; --hot: #a8480b; --work: #2f63cf;
  --track: #e9ebf2; font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif;
}
@media (prefers-color-scheme: dark) {
  .graph {
    --ink: #e8eaf1; --quiet: #a6acbc; --line: #6b7285; --box: #191c24; --edge: #3a4050; --hot: #f0a36b; --work: #8fb0ff;
    --track: #262b36;
  }
}
.graph text { fill: var(--ink); }
.graph .quiet { fill: var(--quiet); font-size: 12px; }
.graph .name { font-weight: 650; font-size: 15px; }
.graph rect.box { fill: var(--box); stroke: var(--edge); }
.graph rect.track { fill: var(--track); }
.graph rect.work { fill: var(--work); }
.graph path { fill: none; stroke: var(--line); stroke-width: 1.4; }
.graph .hot rect.box, .graph path.hot { stroke: var(--hot); stroke-width: 2.2; }
.graph marker path { fill: var(--line); stroke: none; }
.graph marker.hot path { fill: var(--hot); }
"""


@dataclass(frozen=True)
class Drawn:
    """A library as it is drawn: `lines` stand below its name, `share` (0 to 1) is its part of all work; None: not known."""

    name: str
    lines: tuple[str, ...]
    needs: tuple[str, ...]
    share: float | None = None
    critical: bool = False


@dataclass(frozen=True)
class Layout:
    """Where things are, in pixels: the middle of each box's left side, and the points of each arrow (need, library)."""

    boxes: Mapping[str, tuple[float, float]]
    arrows: Mapping[tuple[str, str], tuple[tuple[float, float], ...]]
    width: float
    height: float


def place(needs: Mapping[str, Sequence[str]]) -> Layout:
    """Places libraries, given in an order in which each comes after its needs. Needs that are not given are left out.

    >>> layout = place({"low": [], "high": ["low"]})
    >>> [layout.boxes[name][0] for name in ("low", "high")], layout.arrows[("low", "high")][0][0]
    ([24, 332], 256)
    """
    columns: dict[str, int] = {}
    for name, wanted in needs.items():
        columns[name] = 1 + max((columns[need] for need in wanted if need in columns), default=-1)
    edges = [(need, name) for name, wanted in needs.items() for need in wanted if need in columns]
    chains = {(a, b): [a, *(f"{a}\0{b}\0{column}" for column in range(columns[a] + 1, columns[b])), b] for a, b in edges}
    layers: list[list[str]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for name, column in columns.items():
        layers[column].append(name)
    for (a, _), chain in chains.items():
        for number, inner in enumerate(chain[1:-1], columns[a] + 1):
            layers[number].append(inner)
    pairs = [pair for chain in chains.values() for pair in pairwise(chain)]
    _order(layers, pairs)
    middles, height = _middles(layers, set(columns))
    left = {name: _MARGIN + number * (_WIDTH + _GAP_X) for number, layer in enumerate(layers) for name in layer}
    arrows = {}
    for edge, chain in chains.items():
        points: list[tuple[float, float]] = [(left[chain[0]] + _WIDTH, middles[chain[0]])]
        for inner in chain[1:-1]:
            points += [(left[inner], middles[inner]), (left[inner] + _WIDTH, middles[inner])]
        arrows[edge] = (*points, (left[chain[-1]], middles[chain[-1]]))
    width = 2 * _MARGIN + len(layers) * (_WIDTH + _GAP_X) - _GAP_X
    return Layout({name: (left[name], middles[name]) for name in columns}, arrows, width, height)


def _order(layers: list[list[str]], pairs: Sequence[tuple[str, str]]) -> None:
    """Sorts each layer by the mean place of its neighbours, forwards and backwards in turn."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for one, two in pairs:
        after.setdefault(one, []).append(two)
        before.setdefault(two, []).append(one)
    for sweep in range(_SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            rank = {name: number / max(1, len(other) - 1) for other in layers for number, name in enumerate(other)}
            mean = {name: _mean([rank[other] for other in neighbours.get(name, ())], rank[name]) for name in layer}
            layer.sort(key=lambda name: mean[name])


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _middles(layers: Sequence[Sequence[str]], boxes: set[str]) -> tuple[dict[str, float], float]:
    """The height of the middle of each place, columns centred, and the height of all."""
    sizes = {name: _HEIGHT if name in boxes else _LANE for layer in layers for name in layer}
    tall = [sum(sizes[name] for name in layer) + _GAP_Y * (len(layer) - 1) for layer in layers]
    most = max(tall, default=0)
    middles = {}
    for layer, size in zip(layers, tall, strict=True):
        y = _TOP + (most - size) / 2
        for name in layer:
            middles[name] = y + sizes[name] / 2
            y += sizes[name] + _GAP_Y
    return middles, _TOP + most + _FOOT


def draw(title: str, libraries: Sequence[Drawn], foot: str = "") -> str:
    """The SVG: an arrow points from a library to what is built on it; `foot` is a line below."""
    layout = place({library.name: library.needs for library in libraries})
    critical = {library.name for library in libraries if library.critical}
    width = max(layout.width, _MARGIN * 2 + 8 * max(len(title), len(foot)))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" aria-labelledby="graph-title graph-text" '
        f'viewBox="0 0 {width:g} {layout.height:g}" width="{width:g}" height="{layout.height:g}">',
        f'<title id="graph-title">{escape(title)}</title>',
        f'<desc id="graph-text">{escape("; ".join(_said(library) for library in libraries))}</desc>',
        f"<style>{_STYLE}</style>",
        "<defs>",
        *(_arrow_head(kind) for kind in ("plain", "hot")),
        "</defs>",
        f'<text class="name" x="{_MARGIN}" y="32">{escape(title)}</text>',
    ]
    for (need, name), points in layout.arrows.items():
        kind = "hot" if need in critical and name in critical else "plain"
        lines.append(f'<path class="{kind}" d="{_curve(points)}" marker-end="url(#graph-{kind})"/>')
    for library in libraries:
        lines += _box(library, *layout.boxes[library.name])
    if foot:
        lines.append(f'<text class="quiet" x="{_MARGIN}" y="{layout.height - 10:g}">{escape(foot)}</text>')
    return "\n".join([*lines, "</svg>", ""])


def _said(library: Drawn) -> str:
    needs = f", needs {', '.join(library.needs)}" if library.needs else ""
    return f"{library.name}{needs}: {', '.join(library.lines)}"


def _arrow_head(kind: str) -> str:
    return (
        f'<marker id="graph-{kind}" class="{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        f'orient="auto" markerUnits="userSpaceOnUse"><path d="M0 0L10 5L0 10Z"/></marker>'
    )


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Level through the columns that it passes, bent between them."""
    x, y = points[0]
    path = [f"M{x:g} {y:g}"]
    for number, (to_x, to_y) in enumerate(points[1:]):
        if number % 2:
            path.append(f"H{to_x:g}")
        else:
            bend = (x + to_x) / 2
            path.append(f"C{bend:g} {y:g} {bend:g} {to_y:g} {to_x:g} {to_y:g}")
        x, y = to_x, to_y
    return "".join(path)


def _box(library: Drawn, x: float, middle: float) -> list[str]:
    top = middle - _HEIGHT / 2
    inner = _WIDTH - 28
    lines = [
        f'<g class="{"hot" if library.critical else "plain"}">',
        f"<title>{escape(_said(library))}</title>",
        f'<rect class="box" x="{x:g}" y="{top:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="9"/>',
        f'<text class="name" x="{x + 14:g}" y="{top + 23:g}">{escape(library.name)}</text>',
    ]
    for number, line in enumerate(library.lines[:2]):
        lines.append(f'<text class="quiet" x="{x + 14:g}" y="{top + 41 + 15 * number:g}">{escape(line)}</text>')
    if library.share is not None:
        bar = f'x="{x + 14:g}" y="{top + _HEIGHT - 10:g}" height="4" rx="2"'
        lines.append(f'<rect class="track" {bar} width="{inner}"/>')
        lines.append(f'<rect class="work" {bar} width="{inner * library.share:.1f}"/>')
    return [*lines, "</g>"]
