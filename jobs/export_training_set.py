"""Exports a training set: the features of games that were played, with their label, split by time.

Reads the feature store and the game log, writes Parquet files; the rows pass through Spark only.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.audits.feature_tables import FeatureTable, open_feature_table
from jobs.audits.late_rows import late_rows
from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import GameDate, LocationOption, option
from jobs.config.locations import Location
from jobs.errors import ConfigurationError, ContractError, ExitCode, JobError, LeakageError
from jobs.ledger.history import RunHistory
from jobs.object_stores.folders import check_reachable
from jobs.planning.plan import RequestedDates, requested_dates
from jobs.reports.training_set import LateRows, Split, TrainingSet
from jobs.schemas.tables import ML_FEATURE_STORE, PLAYER_GAME_SUMMARY, Column
from jobs.spark import files
from jobs.spark.errors import told_of_store
from jobs.warehouse.interface import Warehouse
from transforms.catalogue import FEATURE_VERSION
from transforms.deduplicate import newest_rows
from transforms.played import is_played
from transforms.quality import is_training_ready, quality_tier
from transforms.training_set import KEY, SPLITS, Selection, candidate_rows, training_columns

JOB = "export_training_set"
MANIFEST = "manifest.json"
_NUMERIC = ("INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC")
# A task writes so many rows in one file, in order of date; splits with more are cut by month.
_ROWS_IN_ONE_FILE = 2_000_000
_STORE_COLUMNS = (
    *KEY,
    "game_id",
    "features",
    "feature_sources",
    "feature_version",
    "feature_quality_score",
    "opponent_team_abbr",
    "data_source",
    "early_season_flag",
    "is_production_ready",
    "quality_tier",
)


def export_training_set(
    warehouse: Warehouse,
    requested: RequestedDates,
    output: str,
    selection: Selection,
    *,
    label: str = "points",
    force: bool = False,
    replace_output: bool = False,
) -> TrainingSet:
    """Writes the training set of a range of game dates to a folder, one below it for each split.

    ContractError when a table is absent or not of its contract, ConfigurationError for a label or an output that
    cannot be, LeakageError (and nothing is written) for late pre-computed rows without `force`.
    """
    store = open_feature_table(warehouse, ML_FEATURE_STORE, if_absent=f"run backfill_features for {requested} first")
    of_label = _label_column(warehouse, label)
    _check_columns(store)
    version = warehouse.current_version(ML_FEATURE_STORE)
    late = late_rows(warehouse, requested)
    if not force:
        _check_late(late)
    stored = _stored(store, requested)
    spark = stored.sparkSession
    _check_output(spark, output, replace_output=replace_output)
    candidates = candidate_rows(stored, _games(warehouse, requested, of_label), selection)
    counts = candidates.groupBy("split", F.coalesce("exclusion", F.lit("")).alias("exclusion")).count().collect()
    by_reason = {(row["split"], row["exclusion"]): row["count"] for row in counts}
    rows = training_columns(candidates.where(F.col("exclusion").isNull()), selection.defaults)
    with told_of_store(output):
        for name in selection.splits:
            _write_split(rows, name, output, by_reason.get((name, ""), 0))
    splits = [_written_split(spark, output, name) for name in selection.splits]
    _check_written(splits, by_reason)
    found = TrainingSet(
        output,
        label,
        requested,
        selection,
        source=store.display_name,
        source_version=version,
        run_ids=_run_ids(warehouse, requested),
        splits=splits,
        excluded={key: number for key, number in by_reason.items() if key[1]},
        late_rows=late,
        digest=hashlib.sha256(" ".join(split.digest for split in splits).encode()).hexdigest(),
    )
    files.write_text(spark, files.child(output, MANIFEST), json.dumps(found.as_json(), indent=2) + "\n")
    return found


def _label_column(warehouse: Warehouse, label: str) -> Column:
    warehouse.checked_columns(PLAYER_GAME_SUMMARY)
    found = warehouse.actual_columns(PLAYER_GAME_SUMMARY) or []
    numeric = {column.name: column.type for column in found if column.type.partition("(")[0] in _NUMERIC}
    if label not in numeric:
        raise ConfigurationError(
            f"--label {label!r} is not a numeric column of {warehouse.display_name(PLAYER_GAME_SUMMARY)}; "
            f"there are {', '.join(sorted(numeric))}"
        )
    return Column(label, numeric[label])


def _check_columns(store: FeatureTable) -> None:
    if not store.has("feature_sources"):
        raise ContractError(
            f"table {store.display_name} has no usable column feature_sources (ARRAY<STRING>), by which defaults are "
            "known; add it and back-fill the dates again"
        )


def _check_late(late: Sequence[LateRows]) -> None:
    if found := [of_table for of_table in late if of_table.rows]:
        named = ", ".join(f"{of_table.rows:,} of {of_table.table}" for of_table in found)
        raise LeakageError(
            f"pre-computed rows were processed when a game of their date was over, and may have seen it: {named}; "
            "look at them with audit_leaks, recompute them with backfill_upstream, or give --force"
        )


def _check_output(spark: SparkSession, output: str, *, replace_output: bool) -> None:
    try:
        there = files.names_in(spark, output)
    except NotADirectoryError:
        raise ConfigurationError(f"--output {output} is a file; give a folder") from None
    if not there:
        return
    if MANIFEST not in there:
        raise ConfigurationError(f"--output {output} holds {there[0]} and no {MANIFEST}; give an empty or a new folder")
    if not replace_output:
        raise ConfigurationError(f"--output {output} holds a training set; give another folder, or --replace")
    files.delete(spark, files.child(output, MANIFEST))
    for name in SPLITS:
        files.delete(spark, files.child(output, name))


def _stored(store: FeatureTable, requested: RequestedDates) -> DataFrame:
    """The store's rows of the dates, with the columns that a target may lack. ContractError for a key there twice."""
    rows = store.read(requested, _STORE_COLUMNS)
    twice = rows.groupBy(*KEY).count().where(F.col("count") > 1).limit(1).collect()
    if twice:
        row = twice[0]
        raise ContractError(
            f"table {store.display_name}: {row['player_lookup']} {row['game_date']} is there {row['count']} times; "
            "run validate, and remove the rows that are too many"
        )
    score = F.col("feature_quality_score").cast("double")
    defaults = F.size(F.filter("feature_sources", lambda source: source == "default"))
    return rows.select(
        *[name for name in rows.columns if name not in ("feature_quality_score", "quality_tier")],
        score.alias("feature_quality_score"),
        quality_tier(score).alias("quality_tier"),
        is_training_ready(score, defaults, F.col("is_production_ready")).alias("is_training_ready"),
    )


def _games(warehouse: Warehouse, requested: RequestedDates, label: Column) -> DataFrame:
    """The newest row of each player and game date of the game log."""
    table = PLAYER_GAME_SUMMARY
    columns = list(table.columns) + [label] * (label.name not in table.column_names)
    read = warehouse.read(replace(table, columns=tuple(columns)), (requested.start, requested.end), columns)
    games = newest_rows(read, table.key).withColumn("game", F.struct("points", "minutes_played"))
    value = F.col(label.name)
    return games.select(
        *KEY,
        "team_abbr",
        is_played("game").alias("played"),
        (value if label.type == "INT64" else F.nanvl(value.cast("double"), F.lit(None))).alias("label"),
    )


def _write_split(rows: DataFrame, name: str, output: str, expected: int) -> None:
    """Writes the rows of one split, in order of date and player: the same rows in the same file each time."""
    of_split = rows.where(F.col("split") == name).drop("split")
    if expected <= _ROWS_IN_ONE_FILE:
        cut = of_split.repartition(1)
    else:
        months = expected // _ROWS_IN_ONE_FILE + 1
        cut = of_split.repartition(months, F.date_format("game_date", "yyyy-MM"))
    cut.sortWithinPartitions("game_date", "player_lookup").write.mode("errorifexists").parquet(
        files.as_uri(files.child(output, name))
    )


def _written_split(spark: SparkSession, output: str, name: str) -> Split:
    """What the files of a split hold. The digest is a sum over hashes of the rows, so that no order matters to it."""
    rows = files.read_parquet(spark, files.child(output, name))
    # A hash of several columns passes over a NULL; the pattern of NULLs tells them apart.
    nulls = F.array(*[F.col(column).isNull() for column in rows.columns])
    row_hash = F.xxhash64(nulls, *rows.columns)
    (found,) = rows.agg(
        F.count(F.lit(1)).alias("rows"),
        F.countDistinct("game_date").alias("game_dates"),
        F.min("game_date").alias("first"),
        F.max("game_date").alias("last"),
        F.sum(row_hash.cast("decimal(38,0)")).alias("sum"),
        F.bit_xor(row_hash).alias("xor"),
    ).collect()
    told = " ".join(map(str, [found["rows"], found["sum"], found["xor"], *rows.columns]))
    digest = hashlib.sha256(told.encode()).hexdigest()
    return Split(name, found["rows"], found["game_dates"], found["first"], found["last"], digest)


def _check_written(splits: Sequence[Split], counted: dict[tuple[str, str], int]) -> None:
    for split in splits:
        expected = counted.get((split.name, ""), 0)
        if split.rows != expected:
            raise JobError(
                f"split {split.name} has {split.rows:,} rows, {expected:,} were counted: somebody wrote the feature "
                "store or the game log meanwhile; run the export again with --replace"
            )


def _run_ids(warehouse: Warehouse, requested: RequestedDates) -> list[str]:
    """The runs that wrote the dates last, by the ledger, in order."""
    writers = RunHistory(warehouse).writers(warehouse.identity(ML_FEATURE_STORE))
    return sorted({of_date[-1][1].run_id for date, of_date in writers.items() if date in requested})


@job_command(JOB)
@option("--start", group="dates", type=GameDate(), required=True, help="First game date.")
@option("--end", group="dates", type=GameDate(), required=True, help="Last game date, included.")
@option("--output", group="output", type=LocationOption(), required=True, help="New or empty folder or URI.")
@option("--label", default="points", help="A numeric column of player_game_summary.")
@option("--validation-start", group="dates", type=GameDate(), help="First game date of the validation split.")
@option("--test-start", group="dates", type=GameDate(), help="First game date of the test split.")
@option(
    "--embargo-days",
    group="dates",
    type=click.IntRange(min=0),
    default=0,
    help="Days without rows before a later split.",
)
@option(
    "--defaults",
    type=click.Choice(["null", "keep", "drop"]),
    default="null",
    help="A feature whose source is `default`: NULL, its constant, or its row is excluded.",
)
@option("--only-training-ready", is_flag=True, help="Only rows that are training-ready.")
@option("--min-quality", type=click.FloatRange(0, 100), help="Only rows of at least this quality score.")
@option("--feature-version", default=FEATURE_VERSION, help="Only rows of this version.")
@option(
    "--replace", "replace_output", group="output", is_flag=True, help="Replace a training set that is in the folder."
)
@option("--force", is_flag=True, help="Export although pre-computed rows may have seen their own day.")
def main(
    invocation: Invocation,
    start: datetime.date,
    end: datetime.date,
    output: Location,
    label: str,
    force: bool,
    replace_output: bool,
    **options: Any,
) -> ExitCode:
    """Export the features of played games with their label as Parquet files, split by time, for training."""
    requested = requested_dates(start, end, None)
    selection = Selection(**options)
    check_splits(requested, selection)
    check_reachable(output, invocation.settings.object_stores)
    with invocation.warehouse(output) as warehouse:
        found = export_training_set(
            warehouse, requested, str(output), selection, label=label, force=force, replace_output=replace_output
        )
    invocation.show(found)
    return ExitCode.DONE


def check_splits(requested: RequestedDates, selection: Selection) -> None:
    """ConfigurationError unless the splits begin one after the other, within the range."""
    starts = {"--validation-start": selection.validation_start, "--test-start": selection.test_start}
    after, option_before = requested.start, "--start"
    for name, start in starts.items():
        if start is None:
            continue
        if not after < start <= requested.end:
            raise ConfigurationError(
                f"{name} {start} must be after {option_before} {after} and not after --end {requested.end}"
            )
        after, option_before = start, name


if __name__ == "__main__":
    main()
