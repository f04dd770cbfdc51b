"""Loads source tables from Parquet or CSV files into the Delta warehouse.

All files are checked against the contracts before the first table is written; each table is replaced in one commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobs.cli.arguments import Invocation, job_command
from jobs.cli.options import PathOption, option
from jobs.cli.progress import Progress
from jobs.errors import ConfigurationError, ContractError
from jobs.reports.imported import Imported
from jobs.warehouse.delta.warehouse import DeltaWarehouse
from jobs.warehouse.import_files import UpstreamFile, find_files, open_file
from jobs.warehouse.kinds import kind_of

JOB = "import_tables"


def import_tables(warehouse: DeltaWarehouse, folder: Path, progress: Progress) -> dict[str, int]:
    """Replaces each table for which `folder` has files; gives the rows by table name.

    `folder` holds `dataset/table.parquet` or `dataset/table.csv`, each a file or a folder of files.
    ConfigurationError without any such file; ContractError, of all files at once, for columns, types or values.
    """
    files = find_files(folder)
    if not files:
        raise ConfigurationError(
            f"--from {folder}: no table found; expected files or folders like "
            "nba_analytics/player_game_summary.parquet (or .csv) in it"
        )
    with progress.phase("read"):
        opened = _open_all(warehouse, files)
        progress.note(f"{len(opened)} tables, columns and types as expected")
    imported = {}
    for file, rows in opened:
        with progress.phase(file.table.name):
            imported[file.table.name] = warehouse.replace(file.table, rows)
            progress.note(f"{imported[file.table.name]:,} rows")
    return imported


def _open_all(warehouse: DeltaWarehouse, files: list[UpstreamFile]) -> list[tuple[UpstreamFile, Any]]:
    opened, wrong = [], []
    for file in files:
        try:
            warehouse.actual_columns(file.table)
            opened.append((file, open_file(warehouse.spark, file)))
        except ContractError as error:
            wrong.append(str(error))
    if wrong:
        raise ContractError("\n".join(wrong))
    return opened


@job_command(JOB)
@option("--from", "folder", type=PathOption(), required=True, help="Folder with dataset/table files.")
def main(invocation: Invocation, folder: Path) -> None:
    """Load source tables (Parquet or CSV) into the Delta warehouse, replacing what it holds of them."""
    if instead := kind_of(invocation.settings).instead_of_import:
        raise ConfigurationError(f"import_tables writes Delta tables; {instead}")
    with invocation.warehouse() as warehouse:
        imported = import_tables(warehouse, folder, invocation.progress)
        root = str(warehouse.root)
    invocation.show(Imported(root, imported))


if __name__ == "__main__":
    main()
