"""The pictures of the report, as SVG text: heat map, stacked bars, a feature's small multiple, a run's timeline.

Colours are classes of the page's style sheet, so that light and dark are the reader's choice; every mark that a colour
tells apart has a second sign there. Lengths are whole units: a season stays small, and the page is read by eye.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from jobs.reports.season import CellState, CoverageCell, FeatureStory, FeatureWeek, RunBar, WrittenDate
from transforms.catalogue import SOURCE_KINDS

_LABEL_WIDTH = 208
_PICTURE_WIDTH = 800
_LINE = 20
_MONTH_WIDTH = 30
"""The room for a month's name; as much is left free at the right, for one that begins in the last column."""
_DAYS_OF_MONTHS = 2
"""Below so few months stand dates."""
_STATES: tuple[CellState, ...] = ("present", "thin", "not_needed", "missing")
_LEAST_TALL = 3


def heat_map(coverage: Mapping[str, Sequence[CoverageCell]], dates: Sequence[datetime.date]) -> Markup:
    """One line per source table, one column per game date, as tall as the share that is there; a gap is full.

    The months are named below. Dates without games have no column.
    """
    column = _column(len(dates))
    tall = _LINE - 4
    parts: list[str] = []
    for line, (table, cells) in enumerate(coverage.items()):
        base = (line + 1) * _LINE - 2
        parts.append(f'<text x="{_LABEL_WIDTH - 8}" y="{base - 3}" text-anchor="end">{escape(table)}</text>')
        by_date = {cell.game_date: cell for cell in cells}
        for state in _STATES:
            tops = [base - _tall(by_date.get(date), state, tall) for date in dates]
            if any(top != base for top in tops):
                parts.append(f'<path class="{state}" d="{_area(tops, base, _LABEL_WIDTH, column)}"/>')
    bottom = len(coverage) * _LINE
    parts += _months(dates, column, _LABEL_WIDTH, bottom + 13)
    return _drawn(_LABEL_WIDTH + column * len(dates) + _MONTH_WIDTH, bottom + 18, parts)


def _tall(cell: CoverageCell | None, state: CellState, most: int) -> int:
    if cell is None or cell.state != state:
        return 0
    share = 1.0 if cell.share is None or state in ("missing", "not_needed") else min(1.0, cell.share)
    return max(_LEAST_TALL, round(most * share))


def stacked_bars(bars: Sequence[tuple[datetime.date, Mapping[str, int]]], kinds: Sequence[str], prefix: str) -> Markup:
    """One bar per date, its rows stacked by kind, from the first kind at the bottom; the scale is at the left."""
    height, left = 160, 48
    column = _column(len(bars))
    width = left + column * len(bars)
    most = max((sum(of_date.values()) for _, of_date in bars), default=0) or 1
    parts: list[str] = []
    # Each kind with all below it, the tallest first: what is drawn later covers what is below it.
    for upto in range(len(kinds), 0, -1):
        rows = [sum(of_date.get(kind, 0) for kind in kinds[:upto]) for _, of_date in bars]
        tops = [height - round(number / most * (height - 10)) for number in rows]
        parts.append(f'<path class="{prefix}_{kinds[upto - 1]}" d="{_area(tops, height, left, column)}"/>')
    parts.append(f'<path class="line" d="M{left} {height}H{width}"/>')
    for share in (0.5, 1.0):
        y = round(height - share * (height - 10))
        parts.append(f'<path class="line" d="M{left} {y}H{width}"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{round(most * share):,}</text>')
    parts += _months([date for date, _ in bars], column, left, height + 13)
    return _drawn(width + _MONTH_WIDTH, height + 18, parts)


def quality_lines(dates: Sequence[datetime.date], written: Sequence[WrittenDate]) -> Markup:
    """The mean quality of each date and the share of its rows that is fit for training, both from 0 to 100.

    A date without rows interrupts the lines.
    """
    height, left = 100, 48
    column = _column(len(dates))
    width = left + column * len(dates)
    parts: list[str] = []
    for share in (0.0, 0.5, 1.0):
        y = round(height - share * (height - 10))
        parts.append(f'<path class="line" d="M{left} {y}H{width}"/>')
        parts.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{round(100 * share)}</text>')
    of_date = {date.game_date: date for date in written}
    lines: dict[str, list[float | None]] = {"quality": [], "ready": []}
    for day in dates:
        found = of_date.get(day)
        lines["quality"].append(None if found is None or found.mean_quality is None else found.mean_quality / 100)
        lines["ready"].append(None if found is None else found.training_ready)
    for css, shares in lines.items():
        pieces: list[list[tuple[int, int]]] = [[]]
        for number, value in enumerate(shares):
            if value is None:
                pieces.append([])
            else:
                pieces[-1].append((left + number * column + column // 2, round(height - value * (height - 10))))
        outline = "".join(_through(points) for points in pieces if points)
        parts += [f'<path class="{css}" d="{outline}"/>'] if outline else []
    parts += _months(dates, column, left, height + 13)
    return _drawn(width + _MONTH_WIDTH, height + 18, parts)


def feature_picture(story: FeatureStory) -> Markup:
    """The median as a line within the band from the 5th to the 95th percentile; below it the shares by source.

    The month whose distance stands out is marked behind them.
    """
    height, left, strip = 140, 76, 22
    weeks = story.weeks
    if not weeks:
        return _drawn(left, height, [])
    column = max(2, round(444 / len(weeks)))
    low, high = min(week.low for week in weeks), max(week.high for week in weeks)
    span = high - low or 1.0

    def y(value: float) -> int:
        return round(height - 8 - (value - low) / span * (height - 20)) if high > low else height // 2

    middle = left + column // 2
    upper = [(middle + number * column, y(week.high)) for number, week in enumerate(weeks)]
    lower = [(middle + number * column, y(week.low)) for number, week in enumerate(weeks)]
    median = [(middle + number * column, y(week.median)) for number, week in enumerate(weeks)]
    parts = [
        *_marked(story, left, column, height),
        f'<path class="band" d="{_through([*upper, *reversed(lower)])}z"/>',
        f'<path class="median" d="{_through(median)}"/>',
        *_shares(weeks, left, column, height + strip, strip),
    ]
    ends = [(high, 16), (low, height - 4)] if high > low else [(high, height // 2 + 5)]
    parts += [f'<text x="{left - 6}" y="{at}" text-anchor="end">{value:.3g}</text>' for value, at in ends]
    parts += _months([week.week for week in weeks], column, left, height + strip + 22, apart=52)
    return _drawn(left + column * len(weeks) + _MONTH_WIDTH, height + strip + 28, parts, "feature")


def _marked(story: FeatureStory, left: int, column: int, height: int) -> list[str]:
    month = story.distance.month if story.drifts and story.distance is not None else None
    # A week is of the month in which most of its days are.
    of_month = [
        number for number, week in enumerate(story.weeks) if f"{week.week + datetime.timedelta(days=3):%Y-%m}" == month
    ]
    if not of_month:
        return []
    start, wide = left + of_month[0] * column, len(of_month) * column
    return [f'<path class="marked_month" d="M{start} 0h{wide}v{height}h-{wide}z"/>']


def _shares(weeks: Sequence[FeatureWeek], left: int, column: int, base: int, strip: int) -> list[str]:
    parts = []
    for upto in range(len(SOURCE_KINDS), 0, -1):
        kinds = SOURCE_KINDS[:upto]
        tops = [base - round(strip * min(1.0, sum(week.shares.get(kind, 0.0) for kind in kinds))) for week in weeks]
        if any(week.shares.get(kinds[-1]) for week in weeks):
            parts.append(f'<path class="source_{kinds[-1]}" d="{_area(tops, base, left, column)}"/>')
    return parts


def timeline(run: RunBar, longest: float) -> Markup:
    """The phases of one run after each other, on the scale of the longest run."""
    width, height = 800, 24
    parts, left = [], 0
    for phase, spent in run.seconds.items():
        wide = round(spent / longest * width) if longest else 0
        if wide < 1:
            continue
        parts.append(f'<path class="phase_{escape(phase)}" d="M{left} 2h{wide}v{height - 4}h-{wide}z"/>')
        if wide > 8 * len(phase):
            parts.append(f'<text class="inside" x="{left + 5}" y="16">{escape(phase)}</text>')
        left += wide
    return _drawn(width, height, parts)


def _column(number: int) -> int:
    """The width of one of so many columns."""
    return max(2, round(_PICTURE_WIDTH / max(1, number)))


def _area(tops: Sequence[int], base: int, left: int, column: int) -> str:
    """The outline of columns side by side from `base` up to `tops`; those of one height are one step."""
    parts, level, drawn_to = [f"M{left} {base}"], base, left
    for number, top in enumerate(tops):
        x = left + number * column
        if top != level:
            if x != drawn_to:
                parts.append(f"H{x}")
                drawn_to = x
            parts.append(f"V{top}")
            level = top
    return "".join([*parts, f"H{left + len(tops) * column}V{base}z"])


def _through(points: Sequence[tuple[int, int]]) -> str:
    """A line through points, each relative to the one before."""
    (x, y), steps = points[0], []
    for to_x, to_y in points[1:]:
        steps.append(f"{to_x - x} {to_y - y}".replace(" -", "-"))
        x, y = to_x, to_y
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps)}" if steps else f"M{x} {y}h1"


def _months(dates: Sequence[datetime.date], column: int, left: int, y: int, *, apart: int = _MONTH_WIDTH) -> list[str]:
    """The name of each month below its first date, where there is room for it; of two months or less dates."""
    by_day = len({(date.year, date.month) for date in dates}) <= _DAYS_OF_MONTHS
    apart = 2 * apart if by_day else apart
    found: list[str] = []
    before, free_from = None, 0
    for number, date in enumerate(dates):
        x = left + number * column
        if (by_day or (date.year, date.month) != before) and x >= free_from:
            found.append(f'<text x="{x}" y="{y}">{date:%b}{f" {date.day}" if by_day else ""}</text>')
            free_from = x + apart
        before = (date.year, date.month)
    return found


def _drawn(width: int, height: int, parts: Sequence[str], kind: str = "wide") -> Markup:
    """Hidden from screen readers: the element around it has the text, the table below it the numbers."""
    body = "".join(parts)
    return Markup(
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" aria-hidden="true" focusable="false">{body}</svg>'
    )
