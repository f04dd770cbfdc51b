"""What stock bqemulator 1.4.0 does wrong, one module a fault, each with an `apply` that corrects it in this process.

Each module's docstring says what is wrong and who sees it; test_corrections.py shows that it is seen. They reach into
private parts of the emulator: its version is pinned in setup.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from tests.bigquery_emulator.corrections import (
    append_stream_name,
    arrow_schema,
    column_decoding,
    decimal_precision,
    dml_statistics,
    dry_run_bytes,
    failed_job_error,
    job_configuration,
    job_id_once,
    load_job_id,
    merge_duplicates,
    merge_insert_row,
    missing_dataset,
    numeric_casts,
    offline_start,
    one_statement_at_a_time,
    partition_filter,
    query_result_tables,
    refused_token,
    required_columns,
    row_counts,
    table_expiration,
    time_travel_after_script,
    time_travel_to_creation,
    type_names,
    upload_media_type,
)

CORRECTIONS: dict[str, Callable[[], None]] = {
    module.__name__.rpartition(".")[2]: module.apply
    for module in (
        offline_start,
        arrow_schema,
        append_stream_name,
        column_decoding,
        type_names,
        decimal_precision,
        numeric_casts,
        required_columns,
        missing_dataset,
        table_expiration,
        partition_filter,
        row_counts,
        upload_media_type,
        load_job_id,
        merge_duplicates,
        merge_insert_row,
        job_configuration,
        job_id_once,
        failed_job_error,
        query_result_tables,
        dry_run_bytes,
        dml_statistics,
        time_travel_after_script,
        time_travel_to_creation,
        refused_token,
        one_statement_at_a_time,
    )
}
"""Every correction by name, in the order in which they are applied: a later one stands around an earlier one."""


def apply_corrections(without: Collection[str] = ()) -> None:
    """Correct the emulator in this process, but for the corrections named."""
    for name, apply in CORRECTIONS.items():
        if name not in without:
            apply()
