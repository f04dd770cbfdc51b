"""A file that the disk cannot read: Spark's error names none, the line that a person sees does."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from jobs.backfill.stages import VerifyEarlier
from jobs.config.settings import load_settings
from jobs.errors import ContractError, SparkError
from jobs.ledger.history import RunHistory
from jobs.ledger.ledger import Ledger
from jobs.ledger.run_id import RunIdentity
from jobs.planning.plan import RequestedDates
from jobs.schemas.tables import FEATURE_RUNS, ML_FEATURE_STORE, PLAYER_GAME_SUMMARY
from jobs.spark.unreadable import naming_unreadable
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.import_delta import from_log
from jobs.warehouse.import_files import SourceFiles
from jobs.warehouse.opening import open_warehouse
from tests.endurance.unreadable import unreadable

FAILED = """Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times
Caused by: java.io.IOException: Input/output error
\tat java.base/java.io.FileInputStream.readBytes(Native Method)
"""
DATE = datetime.date(2021, 11, 19)
SOURCE = Path("nba_analytics/player_game_summary")
TARGET = Path(ML_FEATURE_STORE.dataset, ML_FEATURE_STORE.name)
FILES = {
    "of a source": (SOURCE / "part-0.parquet", "write the table again"),
    "of a date": (SOURCE / "game_date=2021-11-19/part-0.parquet", "write the table again"),
    "of checksums": (SOURCE / ".part-0.parquet.crc", "write the table again"),
    "of a log": (SOURCE / "_delta_log/00000000000000000000.checkpoint.parquet", "write the table again"),
    "of the target": (TARGET / "part-0.parquet", "write the table again"),
    "that is staged": (
        Path(f"{TARGET}_staging_20211119T080000Z-abcdef/part-0.parquet"),
        "--resume computes its rows again",
    ),
    "of a pre-computed table": (Path("nba_precompute/player_daily_cache/part-0.parquet"), "write the table again"),
    "of the ledger": (Path("nba_orchestration/feature_runs/part-0.parquet"), "write the table again"),
}


def warehouse(root: Path) -> DeltaWarehouse:
    return DeltaWarehouse(Mock(side_effect=AssertionError("needs no Spark")), root, {})


def written(file: Path) -> Path:
    """With another one beside it that can be read."""
    for name in (file.with_name("a.parquet"), file):
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_bytes(b"rows")
    return file


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    """A file of a source that cannot be read."""
    with unreadable(file := written(tmp_path / SOURCE / "part-0.parquet")):
        yield file


def line_of(file: Path) -> str:
    return f"table nba_analytics.player_game_summary: file {file} cannot be read (Input/output error"


@pytest.mark.parametrize(("name", "advice"), FILES.values(), ids=FILES)
def test_it_is_named_with_its_table_and_what_to_do(name: Path, advice: str, tmp_path: Path) -> None:
    file = written(tmp_path / name)
    with unreadable(file), pytest.raises(SparkError) as raised, warehouse(tmp_path).naming_files():
        raise RuntimeError(FAILED)
    line = str(raised.value)
    assert line.startswith(f"table {name.parts[0]}.{name.parts[1]}: file {file} cannot be read (Input/output error")
    assert line.endswith(advice)
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(
    "told",
    [
        "java.io.IOException: No space left on device",
        "table a.b: file /a/b/c.parquet is damaged (ChecksumException)",
        "/a/b/_delta_log/00000000000000000000.json cannot be read ([Errno 5] Input/output error)",
    ],
)
def test_other_errors_and_those_that_name_a_file_stay_what_they_are(told: str) -> None:
    with pytest.raises(RuntimeError) as raised, naming_unreadable(Mock(side_effect=AssertionError("nothing is read"))):
        raise RuntimeError(told)
    assert str(raised.value) == told


def test_an_error_of_another_disk_stays_what_it_is(tmp_path: Path) -> None:
    written(tmp_path / SOURCE / "part-0.parquet")
    with pytest.raises(RuntimeError) as raised, warehouse(tmp_path).naming_files():
        raise RuntimeError(FAILED)
    assert str(raised.value) == FAILED


def test_a_job_and_the_ledger_name_it(source: Path, tmp_path: Path) -> None:
    settings = load_settings({"warehouse_path": tmp_path}, environment={})
    with pytest.raises(SparkError) as raised, open_warehouse(settings) as opened:
        raise RuntimeError(FAILED)
    assert str(raised.value).startswith(line_of(source))

    ledger = Ledger(opened, RunIdentity(), "job", target="t", requested=RequestedDates(DATE, DATE), parameters={})
    with pytest.raises(SparkError), ledger.held():
        raise RuntimeError(FAILED)
    ((run,), damage) = RunHistory(opened).runs_and_damage()
    assert damage == []
    assert line_of(source) in (run.row.error or "")
    assert opened.rows(FEATURE_RUNS)


def test_staged_rows_that_are_computed_again_for_it_name_it(source: Path, tmp_path: Path) -> None:
    job = SimpleNamespace(warehouse=warehouse(tmp_path), progress=Mock())
    work: Any = SimpleNamespace(job=job, verify=Mock(side_effect=RuntimeError(FAILED)))
    VerifyEarlier([]).carry_out(work)
    (told,) = job.progress.say.call_args.args
    assert told.startswith("resumed  the staged rows are not used, they are computed again: " + line_of(source))


def test_an_import_of_a_delta_table_names_it(source: Path, tmp_path: Path) -> None:
    spark = Mock()
    spark.read.format.side_effect = RuntimeError(FAILED)
    files = SourceFiles(PLAYER_GAME_SUMMARY, source.parent, "delta", ())
    with pytest.raises(ContractError) as raised:
        from_log(spark, files, tmp_path / "copy")
    assert line_of(source) in str(raised.value)
    assert ML_FEATURE_STORE.name not in str(raised.value)
