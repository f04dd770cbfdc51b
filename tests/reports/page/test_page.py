"""The page as text: its sections, their order, what is escaped, and how large it is."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from rich.console import Console

from jobs.reports.page.draw import drawn_page
from jobs.reports.season import SeasonReport, ToDo
from tests.reports.page.facts import CONSTANT, DRIFTS, HOSTILE, season
from transforms.catalogue import FEATURE_NAMES

SECTIONS = ["todo", "coverage", "written", "features", "runs", "left-out"]
MOST_BYTES = 300_000


@pytest.fixture(scope="module")
def page() -> str:
    return drawn_page(season())


def test_every_section_is_there_in_its_order(page: str) -> None:
    assert re.findall(r'<h2 id="([^"]+)"', page) == SECTIONS


def test_the_page_needs_nothing_else(page: str) -> None:
    assert [word for word in ("<script", "://", "@import", "src=") if word in page] == []


def test_names_are_shown_as_text(page: str) -> None:
    assert "<script" not in page
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "a&#34;b&#39;c&amp;d" in page
    assert f"<bdi>{HOSTILE[2]}</bdi>" in page
    assert f"<bdi>{HOSTILE[3]}</bdi>" in page
    assert "in /a folder/&lt;b&gt;" in page


def test_a_date_stays_on_one_line() -> None:
    text = drawn_page(replace(season(), todo=[ToDo("<b> on 2021-11-05 to 2021-11-07")]))
    assert '&lt;b&gt; on <span class="date">2021-11-05</span> to <span class="date">2021-11-07</span>' in text


def test_a_command_is_copied_as_a_shell_takes_it(page: str) -> None:
    (command,) = re.findall(r"<pre>(.*?)</pre>", page)
    assert unescape(re.sub(r"</?span>", "", command)) == season().todo[0].command


def test_what_stands_out_comes_first_then_the_order_of_the_catalogue(page: str) -> None:
    rest = [name for name in FEATURE_NAMES if name not in (CONSTANT, DRIFTS)]
    cards = page.split('<h2 id="features"')[1].split('<h2 id="runs"')[0]
    assert re.findall(r"<h3>([^<]+)</h3>", cards) == [CONSTANT, DRIFTS, *rest]
    assert page.count("card marked") == 2
    assert "drifts in 2021-11: index 0.40" in page


def test_tiers_and_sources_are_in_their_own_order(page: str) -> None:
    assert "4,000 gold" not in page
    assert "2,700 gold, 1,620 silver, 1,350 bronze, 810 poor, 3,520 critical" in page
    assert "5,400 phase4, 1,350 phase3, 3,250 early season" in page


def test_every_picture_has_words_and_its_numbers_in_a_table(page: str) -> None:
    pictures = re.findall(r'role="img"[^>]*aria-label="([^"]*)"', page)
    assert len(pictures) == 4 + len(FEATURE_NAMES) + 1
    assert all(pictures)
    assert "player_daily_cache: 6 missing of 40; player_composite_factors: 1 thin of 40." in pictures[0]
    assert page.count("<details>") == 3 + len(FEATURE_NAMES)


def test_colours_carry_a_second_sign(page: str) -> None:
    for css in ("missing", "tier_poor", "tier_critical", "source_default", "of_phase4_partial"):
        (fill,) = re.findall(rf"\.{css}{{fill:([^}}]+)}}", page)
        assert re.search(rf'<pattern id="{fill[5:-1]}"', page), css


def test_a_column_with_one_value_stands_above_the_coverage(page: str) -> None:
    coverage = page.split('<h2 id="coverage"')[1].split('<h2 id="written"')[0]
    assert "&#9650; upcoming_player_game_context: back_to_back false in every row" in coverage


def test_a_whole_season_is_small() -> None:
    assert len(drawn_page(season(dates=215, weeks=36)).encode()) < MOST_BYTES


def test_a_report_of_nothing_is_drawn() -> None:
    lists = ("todo", "game_dates", "early", "written", "features", "runs", "left_out")
    nothing: dict[str, Any] = {name: [] for name in lists}
    text = drawn_page(replace(season(), coverage={}, total=None, **nothing))
    assert "Nothing: every game date is written" in text
    assert "The ledger has no run of these dates." in text


def test_the_json_has_the_facts_of_the_page() -> None:
    report = season()
    content = json.loads(json.dumps(report.as_json()))
    assert content["todo"][0] == {"reason": report.todo[0].reason, "command": report.todo[0].command}
    assert {cell["state"] for cell in content["coverage"]["player_daily_cache"]} == {"present", "missing", "not_needed"}
    (drift,) = [feature for feature in content["features"] if feature["drifts"]]
    assert (drift["feature"], drift["distance"], drift["distance_month"]) == (DRIFTS, 0.4, "2021-11")
    assert content["written"][20]["rows_by_tier"]["gold"] == 100
    assert (content["rows"], content["mean_quality"], content["training_ready"]) == (10_000, 55.01, 0.3375)
    (column,) = content["constant_columns"]
    assert (column["column"], column["value"], column["rows"]) == ("back_to_back", False, 10_000)
    assert content["not_written"][0]["examples"] == list(HOSTILE)


def test_a_person_at_a_terminal_reads_what_to_do_and_where_the_page_is() -> None:
    def shown(report: SeasonReport) -> str:
        text = io.StringIO()
        report.render(Console(file=text, width=200, highlight=False, soft_wrap=True))
        return text.getvalue()

    lines = shown(season()).splitlines()
    assert lines[0] == "10,000 rows on 40 of 40 game dates, mean quality 55.01"
    assert "  ./spark-submit.sh local backfill_upstream --x 'a b'" in lines
    assert f"feature  {DRIFTS}: drifts in 2021-11: index 0.40" in lines
    assert lines[-1] == "report   report.html"
