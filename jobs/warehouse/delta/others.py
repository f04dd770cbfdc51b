"""Columns of the target that belong to others: what an overwrite of whole rows keeps of them."""

from __future__ import annotations

from collections.abc import Collection

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.schemas.tables import OF_OTHERS, Table


def with_columns_of_others(rows: DataFrame, held: DataFrame, table: Table, generated: Collection[str]) -> DataFrame:
    """New rows with what the target holds of the same key in columns that are not ours.

    Those are the circuit breaker's, and those that the new rows lack; the latter are NULL in a row that was not there.
    Columns that the table generates itself are left to it. Of a key that is held twice the newest row counts.
    """
    added = [name for name in held.columns if name not in rows.columns and name not in generated]
    kept = [name for name in held.columns if name in OF_OTHERS and name in rows.columns]
    if not added and not kept:
        return rows
    newest = F.row_number().over(
        Window.partitionBy(*table.key)
        .orderBy(F.col("created_at").desc_nulls_last(), F.col("data_hash"))
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    of_others = (
        held.withColumn("newest", newest)
        .where("newest = 1")
        .select(*table.key, F.struct(*[F.col(f"`{name}`") for name in (*added, *kept)]).alias("held"))
    )
    is_held = F.col("held").isNotNull()
    values = {name: F.when(is_held, F.col("held")[name]).otherwise(F.col(f"`{name}`")) for name in kept}
    return rows.join(of_others, on=list(table.key), how="left").select(
        *[values.get(name, F.col(f"`{name}`")).alias(name) for name in rows.columns],
        *[F.col("held")[name].alias(name) for name in added],
    )
