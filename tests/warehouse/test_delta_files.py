"""Tables in statements by their folders, whatever stands in a folder's name."""

from __future__ import annotations

from pathlib import Path

from jobs.warehouse.delta.files import folders_in, sql_name


def test_the_folders_of_a_statement_are_those_that_were_written_into_it() -> None:
    target, staging = Path("/a warehouse/nba/t`1`"), Path("/a warehouse/nba/t_staging_run")
    statement = f"SELECT `x` FROM {sql_name(staging)} JOIN {sql_name(target)} USING (`x`)"
    assert folders_in(statement) == {target, staging}
    assert folders_in("SELECT `x` FROM files_1") == set()
