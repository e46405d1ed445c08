"""The charts of the page: which cells each shows, and by which figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup

from textgen_core.comparison.findings import Findings
from textgen_core.comparison.plots import HUMAN_LOOK, Look, Series, looks, series_chart
from textgen_core.comparison.table import Row
from textgen_core.datasets.parts import read_table
from textgen_core.frontier.plot import plot
from textgen_core.frontier.points import Figure, Point
from textgen_core.frontier.settings import HUMAN
from textgen_core.reporting.dots import Dot, dot_chart

BITS = "bits a character of held-out text"
SPELLING, REPEATING = "bits a character", "share of words in a run of four said before"
"""What charts over the position show."""


def drawn(found: Findings) -> dict[str, Markup]:
    """All charts with a line a variant and level, by their names as files; empty where there is nothing to show."""
    return {
        "seconds": against_seconds(found),
        "weights": against_weights(found),
        "text": against_text(found),
        "fluency": fluency_and_diversity(found),
        **over_positions(found),
    }


def lines(found: Findings) -> dict[str, Look]:
    """The lines that charts may have, a variant at a level each, by name: how they are drawn."""
    told = list(dict.fromkeys((row["variant"], row["level"]) for row in found.rows["comparison"]))
    return {f"{variant} {level}": look for (variant, level), look in zip(told, looks(told), strict=True)}


def legend(found: Findings, drawn: Iterable[Markup]) -> dict[str, Look]:
    """Those of the lines that one of the charts has."""
    shown = Markup("").join(drawn)
    return {name: look for name, look in lines(found).items() if f" {look}" in shown}


def _line(row: Row) -> str:
    return f"{row['variant']} {row['level']}"


def look_of(found: Findings) -> dict[str, Look]:
    """How the line of each cell is drawn, by the cell's name."""
    drawn_as = lines(found)
    return {row["cell"]: drawn_as[_line(row)] for row in found.rows["comparison"]}


def _finished(found: Findings) -> list[Row]:
    return [row for row in found.rows["comparison"] if row["failure"] is None]


def _of_most_text(rows: Sequence[Row]) -> list[Row]:
    """Those rows that have the largest share there is; a line whose cells with it failed has none."""
    most = max((row["share"] for row in rows), default=0)
    return [row for row in rows if row["share"] == most]


def _largest(rows: Sequence[Row]) -> list[Row]:
    """Those rows that have the largest size of their line."""
    most: dict[str, int] = {}
    for row in rows:
        most[_line(row)] = max(most.get(_line(row), 0), row["size"] or 0)
    return [row for row in rows if (row["size"] or 0) == most[_line(row)]]


def _by_line(found: Findings, rows: Iterable[Row], x: str, y: Callable[[Row], Figure | None]) -> list[Series]:
    spots: dict[str, list[tuple[float, Figure]]] = {}
    for row in rows:
        at, figure = row[x], y(row)
        if at is not None and figure is not None:
            spots.setdefault(_line(row), []).append((float(at), figure))
    return [
        Series(name, str(look), tuple(sorted(spots[name], key=lambda spot: spot[0])))
        for name, look in lines(found).items()
        if name in spots
    ]


def _figure(name: str) -> Callable[[Row], Figure | None]:
    """A row's figure with its interval."""

    def of(row: Row) -> Figure | None:
        return None if row[name] is None else Figure(row[name], row[f"{name}_low"], row[f"{name}_high"])

    return of


_held_out = _figure("bits_per_char")


def against_weights(found: Findings) -> Markup:
    """With all of the text, against weights."""
    rows = _of_most_text(_finished(found))
    return series_chart(_by_line(found, rows, "parameters", _held_out), "weights", BITS, logarithmic=True)


def against_text(found: Findings) -> Markup:
    """At the largest size, against the training text."""
    rows = _largest(_finished(found))
    series = _by_line(found, rows, "train_characters", _held_out)
    return series_chart(series, "characters of training text", BITS, logarithmic=True)


def against_seconds(found: Findings) -> Markup:
    """Learning curves at the largest size with all of the text, the smaller sizes thin.

    The points on the way are of little validation text, which differs from level to level. Each curve ends in the
    figure that all other charts and answers have.
    """
    rows = _of_most_text(_finished(found))
    largest = {row["cell"] for row in _largest(rows)}
    models, look = {cell.run.name: cell.model for cell in found.cells}, look_of(found)
    series = []
    for row in rows:
        history = read_table(models[row["cell"]] / "history", ["seconds", "split", "bits_per_char"]).to_pylist()
        spots = [
            (point["seconds"], Figure(point["bits_per_char"]))
            for point in history
            if point["split"] == "validation" and point["bits_per_char"] is not None
        ]
        if spots and (end := _held_out(row)):
            spots[-1] = (spots[-1][0], end)
        series.append(Series(row["cell"], str(look[row["cell"]]), tuple(spots), faint=row["cell"] not in largest))
    return series_chart(series, "seconds of training", BITS)


def fluency_and_diversity(found: Findings) -> Markup:
    """A line a cell at its largest, its temperatures in order, and human text."""
    shown = {row["cell"] for row in _largest(_of_most_text(_finished(found)))}
    points = [
        Point(_line(row), row["temperature"], f"{_line(row)} at {row['temperature']:g}", *_plane(row))
        for row in found.rows["trade_offs"]
        if row["cell"] in shown and row["judge_bits_per_char"] is not None
    ]
    human = None
    if found.human["judge_bits_per_char"] is not None:
        human = Point(HUMAN, None, "human text", *_plane(found.human))
    looked = {name: str(look) for name, look in lines(found).items()}
    return plot(points, human, frozenset(), "fluency: minus the judge's bits a character", looked)


def _plane(row: Row) -> tuple[Figure, Figure | None]:
    """Quality, the judge's bits turned round, and diversity."""
    low, high = row["judge_bits_per_char_low"], row["judge_bits_per_char_high"]
    quality = Figure(-row["judge_bits_per_char"], None if high is None else -high, None if low is None else -low)
    diversity = row["diversity"]
    known = None if diversity is None else Figure(diversity, row["diversity_low"], row["diversity_high"])
    return quality, known


POSITIONS = {
    "human_text": ("human", "bits_per_char"),
    "own_text": ("model", "bits_per_char"),
    "judged_text": ("model", "judge_bits_per_char"),
    "repetition": ("model", "repetition"),
}
"""Charts over the position in long texts: the author, and the figure."""


def over_positions(found: Findings) -> dict[str, Markup]:
    """Each with the cells at their largest; human text beside theirs, where it can be."""
    shown = {row["cell"] for row in _largest(_of_most_text(_finished(found)))}
    rows = [row for row in found.rows["positions"] if row["cell"] in shown]
    charts = {}
    for name, (author, column) in POSITIONS.items():
        series = _by_line(found, [row for row in rows if row["author"] == author], "position", _figure(column))
        if author == "model" and column != "bits_per_char":
            series += _people(rows, column)
        unit = REPEATING if column == "repetition" else SPELLING
        charts[name] = series_chart(series, "characters from the prompt", unit)
    return charts


def _people(rows: Sequence[Row], column: str) -> list[Series]:
    """What human text has, which is the same for all cells."""
    of = _figure(column)
    human = [row for row in rows if row["author"] == "human"]
    own = [row for row in human if row["cell"] == human[0]["cell"]]
    spots = [(row["position"], figure) for row in own if (figure := of(row)) is not None]
    return [Series("human text", HUMAN_LOOK, tuple(spots), faint=True, labelled=True)] if spots else []


COSTS = {
    "characters_per_second": ("Generation", "characters a second, timed once, a tile of continuations side by side"),
    "training_seconds": ("Training", "seconds, compiling and validation included"),
    "weight_bytes": ("Weights", "bytes"),
    "training_bytes": (
        "Memory to train",
        "bytes of weights, gradients and AdamW (Muon keeps less); what is kept of a batch comes on top",
    ),
    "state_bytes": ("Memory to write", "bytes of one row's state in a long continuation"),
}


def costs(found: Findings) -> list[tuple[str, str, Markup]]:
    """Name, meaning and chart of each cost, of the cells with all of the text."""
    rows, look = _of_most_text(_finished(found)), look_of(found)
    charts = []
    for column, (name, meaning) in COSTS.items():
        dots = [
            Dot(row["cell"], look[row["cell"]].color, float(row[column]), None, None)
            for row in rows
            if row[column] is not None
        ]
        if dots:
            charts.append((name, meaning, dot_chart(dots, name)))
    return charts
