"""Puts a season report into the page: the words beside each picture, the numbers behind it, the template."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from jobs.planning.distances import DRIFT_ABOVE
from jobs.reports.page import svg
from jobs.reports.season import CoverageCell, FeatureStory, RunBar, SeasonReport
from jobs.warehouse.counting_statements import DATA_SOURCES, QUALITY_TIERS
from transforms.catalogue import SOURCE_KINDS

_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_WORDS = {"missing": "missing", "not_needed": "early"}
_SOURCE_WORDS = {"phase4": "pre-computed (phase4)", "phase3": "game log (phase3)"}


def drawn_page(report: SeasonReport) -> str:
    """The page as text, complete in itself; everything that comes from tables is escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = (resources.files("jobs.reports.page") / "templates" / "report.html.j2").read_text(encoding="utf-8")
    tiers, sources = _kinds(report, "tiers", QUALITY_TIERS), _kinds(report, "sources", DATA_SOURCES)
    longest = max((sum(run.seconds.values()) for run in report.runs), default=0.0)
    page: str = environment.from_string(template).render(
        report=report,
        unbroken=_unbroken,
        number=lambda value, form: "" if value is None else form % value,
        coverage_text=_coverage_text(report),
        heat_map=svg.heat_map(report.coverage, report.game_dates),
        coverage_rows=_coverage_rows(report),
        tiers=tiers,
        sources=sources,
        bars=[
            ("Rows by quality tier", _bars(report, "tiers", tiers), tiers, "tier", _totals(report, "tiers", tiers)),
            (
                "Rows by data source",
                _bars(report, "sources", sources),
                sources,
                "of",
                _totals(report, "sources", sources),
            ),
        ],
        quality=svg.quality_lines(report.game_dates, report.written),
        quality_text=_quality_text(report),
        drift_above=DRIFT_ABOVE,
        source_kinds=[(kind, _SOURCE_WORDS.get(kind, kind)) for kind in SOURCE_KINDS],
        stories=[(story, svg.feature_picture(story), _feature_text(story)) for story in in_order(report.features)],
        runs=[(run, svg.timeline(run, longest), _run_text(run)) for run in report.runs],
    )
    return page


def _unbroken(text: str) -> Markup:
    """Text whose dates stay on one line, escaped."""
    return Markup(_DATE.sub(r'<span class="date">\g<0></span>', str(escape(text))))


def in_order(stories: Sequence[FeatureStory]) -> list[FeatureStory]:
    """Those that stand out first, constant ones before the others by their distance; then the catalogue's order."""
    marked = [story for story in stories if story.stands_out]
    marked.sort(key=lambda story: (not story.constant, -story.distance.index if story.distance else 0.0))
    return [*marked, *(story for story in stories if not story.stands_out)]


def _kinds(report: SeasonReport, name: str, known: Sequence[str]) -> list[str]:
    """The kinds that have rows, the best first."""
    found = {kind for date in report.written for kind, rows in getattr(date, name).items() if rows}
    return [kind for kind in (*known, "other") if kind in found]


def _bars(report: SeasonReport, name: str, kinds: Sequence[str]) -> Markup:
    held = {date.game_date: getattr(date, name) for date in report.written}
    return svg.stacked_bars([(date, held.get(date, {})) for date in report.game_dates], kinds, prefix=_PREFIXES[name])


_PREFIXES = {"tiers": "tier", "sources": "of"}


def _totals(report: SeasonReport, name: str, kinds: Sequence[str]) -> str:
    totals = {kind: sum(getattr(date, name).get(kind, 0) for date in report.written) for kind in kinds}
    return ", ".join(f"{rows:,} {kind.replace('_', ' ')}" for kind, rows in totals.items()) or "no rows"


def _quality_text(report: SeasonReport) -> str:
    quality, ready = report.mean_quality, report.training_ready
    told = ["no row has a score" if quality is None else f"mean quality {quality:.1f} of 100"]
    told += [] if ready is None else [f"training-ready {100 * ready:.1f} %"]
    return ", ".join(told)


def _coverage_text(report: SeasonReport) -> str:
    dates = len(report.game_dates)
    told = []
    for table, cells in report.coverage.items():
        missing, thin = (sum(cell.state == state for cell in cells) for state in ("missing", "thin"))
        words = [f"{number} {word}" for number, word in ((missing, "missing"), (thin, "thin")) if number]
        told += [f"{table}: {' and '.join(words)} of {dates}"] if words else []
    return f"{'; '.join(told)}." if told else "Every table has every date that it needs."


def _coverage_rows(report: SeasonReport) -> list[tuple[str, list[str]]]:
    by_date = {table: {cell.game_date: cell for cell in cells} for table, cells in report.coverage.items()}
    return [(str(date), [_cell(cells.get(date)) for cells in by_date.values()]) for date in report.game_dates]


def _cell(cell: CoverageCell | None) -> str:
    if cell is None:
        return ""
    if cell.state in _WORDS:
        return _WORDS[cell.state]
    share = "" if cell.share is None else f"{100 * cell.share:.0f}%"
    return f"{share} thin".strip() if cell.state == "thin" else share or "yes"


def _feature_text(story: FeatureStory) -> str:
    if not story.weeks:
        return f"{story.name}: no values"
    first, last = story.weeks[0], story.weeks[-1]
    return f"{story.name} by week: median {first.median:.4g} in the first week, {last.median:.4g} in the last"


def _run_text(run: RunBar) -> str:
    phases = ", ".join(f"{phase} {spent:.1f} s" for phase, spent in run.seconds.items() if spent)
    return phases or "no seconds in the ledger"
