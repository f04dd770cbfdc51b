"""Loads source tables from Parquet, CSV or Delta into the Delta warehouse.

All files are read through and checked before the first table is written; each table is replaced in one commit, which
notes where its rows are from.
"""

from __future__ import annotations

from collections.abc import Sequence

from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import LocationOption, option
from jobs.cli.progress import Progress
from jobs.config.locations import Location
from jobs.errors import ConfigurationError, ContractError, JobError, SparkError
from jobs.object_stores.folders import Folder, check_reachable, opened
from jobs.reports.imported import Imported
from jobs.schemas.tables import Table
from jobs.spark.errors import explained, told_of_store
from jobs.spark.paths import literal_path
from jobs.warehouse.delta import provenance
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.import_csv import checked_encoding
from jobs.warehouse.import_delta import from_log
from jobs.warehouse.import_files import SourceFiles, find_files
from jobs.warehouse.import_folder import Staging, staging_in
from jobs.warehouse.import_staging import StagedTable, stage_files
from jobs.warehouse.kinds import kind_of

JOB = "import_tables"


def import_tables(
    warehouse: DeltaWarehouse,
    folder: Folder,
    progress: Progress,
    *,
    replace: bool = False,
    encoding: str = "utf-8",
    source: str | None = None,
) -> dict[str, int]:
    """Replaces each table for which `folder` has files; gives the rows by table name.

    `folder` holds `dataset/table.parquet` or `dataset/table.csv`, each a file or a folder of files, or Delta tables.
    Rows that are not from `source` (the folder's path, unless given) are replaced with `replace` only.
    ConfigurationError without any such file, and for rows of another source; ContractError, of all files at once, for
    columns, types or values.
    """
    encoding = checked_encoding(encoding)
    folder = folder.expanduser()
    if folder.resolve() == warehouse.root.resolve():
        raise ConfigurationError(f"--from {folder}: this is the warehouse itself; name another folder")
    files = find_files(folder)
    if not files:
        absent = "" if folder.is_dir() else "; there is no such folder"
        raise ConfigurationError(
            f"--from {folder}: no table found; expected files or folders like "
            f"nba_analytics/player_game_summary.parquet (or .csv) in it{absent}"
        )
    source = source or str(folder.resolve())
    _check_places(warehouse, [file.table for file in files], source, progress, replace=replace)
    imported: dict[str, int] = {}
    with staging_in(warehouse.root, lambda: warehouse.spark) as staging:
        with progress.phase("read"):
            staged = _staged(warehouse, files, staging, encoding)
            progress.note(f"{len(staged)} tables, columns and types as expected")
        for table in staged:
            for note in table.notes:
                progress.say(f"{table.table.name}: {note}")
        for table in staged:
            with progress.phase(table.table.name):
                imported[table.table.name] = _replaced(warehouse, staging, table, source, list(imported))
                progress.note(f"{imported[table.table.name]:,} rows")
    return imported


def _check_places(
    warehouse: DeltaWarehouse, tables: Sequence[Table], source: str, progress: Progress, *, replace: bool
) -> None:
    """ContractError where something else is in a table's place; ConfigurationError for rows of another source."""
    wrong, others = [], []
    for table in tables:
        if warehouse.is_unfinished(table):
            progress.say(f"{table.name}: its first import did not end; it is written anew")
            continue
        try:
            there = warehouse.actual_columns(table) is not None
        except ContractError as error:
            wrong.append(str(error))
            continue
        writer = provenance.writer(warehouse.folder(table)) if there else source
        if writer != source and (rows := warehouse.count(table)):
            others.append(f"table {warehouse.display_name(table)} holds {rows:,} rows {_written_by(writer)}")
    if wrong:
        raise ContractError("\n".join(wrong))
    if others and not replace:
        raise ConfigurationError(
            "\n".join(f"{line}; --replace replaces them by those of {source}, no row of it is kept" for line in others)
        )
    for line in others:
        progress.say(f"replaced: {line}")


def _written_by(writer: str | None) -> str:
    return "that import_tables did not write" if writer is None else f"imported from {writer}"


def _staged(
    warehouse: DeltaWarehouse, files: Sequence[SourceFiles], staging: Staging, encoding: str
) -> list[StagedTable]:
    staged, wrong = [], []
    for file in files:
        try:
            read = from_log(warehouse.spark, file, staging.shared) if file.has_log else file
            staged.append(stage_files(read, staging.folder, encoding))
        except ContractError as error:
            wrong.append(str(error))
    if wrong:
        raise ContractError("\n".join(wrong))
    return staged


def _replaced(
    warehouse: DeltaWarehouse, staging: Staging, staged: StagedTable, source: str, done: Sequence[str]
) -> int:
    before = f"replaced before it: {', '.join(done)}" if done else "no table was replaced before it"
    try:
        with told_of_store(str(warehouse.root), f"; {before}"):
            spark = warehouse.spark
            rows = spark.read.parquet(literal_path(staging.shared_file(spark, staged.path)))
            return warehouse.replace(staged.table, rows, provenance.note(source))
    except JobError:
        raise
    except Exception as error:
        raise SparkError(
            f"table {warehouse.display_name(staged.table)} could not be replaced: {explained(error)}; {before}; "
            "when the cause is mended, the same command imports all of them"
        ) from error


@job_command(JOB)
@option("--from", "folder", type=LocationOption(), required=True, help="Folder or URI with dataset/table files.")
@option("--replace", is_flag=True, help="Also replace rows that are not from this folder.")
@option("--encoding", default="utf-8", help="The encoding of CSV files.")
def main(invocation: Invocation, folder: Location, replace: bool, encoding: str) -> None:
    """Load source tables (Parquet, CSV, Delta) into the Delta warehouse, replacing what it holds of them."""
    if instead := kind_of(invocation.settings).instead_of_import:
        raise ConfigurationError(f"import_tables writes Delta tables; {instead}")
    stores = invocation.settings.object_stores
    check_reachable(folder, stores)
    with invocation.warehouse(folder) as warehouse:
        files = opened(folder, stores)
        imported = import_tables(warehouse, files, invocation.progress, replace=replace, encoding=encoding)
        root = str(warehouse.root)
    invocation.show(Imported(root, imported))


if __name__ == "__main__":
    main()
