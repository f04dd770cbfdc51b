"""How work is cut on a cluster: by its rows, by the cores there are, by the memory of the executors."""

from __future__ import annotations

import pytest

from jobs.config.settings import load_settings
from jobs.config.sizes import mebibytes
from jobs.errors import ConfigurationError
from jobs.spark.submitted_session import merge_slice_rows, partitions


@pytest.mark.parametrize(
    ("rows", "cores", "pieces"),
    [
        (0, 2, 2),
        (6_540, 2, 2),
        (200_000, 2, 2),
        (200_001, 2, 4),
        (1_300_000, 2, 14),
        (1_300_000, 100, 100),
        (1, 64, 64),
    ],
)
def test_pieces_are_as_many_for_each_core_and_none_is_too_large(rows: int, cores: int, pieces: int) -> None:
    assert partitions(rows, cores) == pieces


@pytest.mark.parametrize(
    ("executors", "memory", "rows"),
    [(1, "4g", 1_000_000), (2, "1g", 500_000), (50, "16g", 200_000_000), (1, "512m", 125_000)],
)
def test_a_merge_takes_what_the_executors_hold(executors: int, memory: str, rows: int) -> None:
    assert merge_slice_rows(executors, memory) == rows


@pytest.mark.parametrize(
    ("memory", "size"), [("4g", 4096), ("4G", 4096), ("512m", 512), ("512", 512), ("2048k", 2), ("1gb", 1024)]
)
def test_sizes_are_read_as_spark_reads_them(memory: str, size: int) -> None:
    assert mebibytes(memory) == size


def test_a_size_that_is_none() -> None:
    with pytest.raises(ConfigurationError, match="'4 GB' is not a valid size"):
        mebibytes("4 GB")


def test_the_executors_stand_between_the_defaults_and_the_user() -> None:
    follows = {"merge_slice_rows": 500_000}
    assert load_settings({}, environment={}, executors=follows).merge_slice_rows == 500_000
    assert load_settings({"merge_slice_rows": 7}, environment={}, executors=follows).merge_slice_rows == 7
    own = {"FEATURE_STORE_MERGE_SLICE_ROWS": "9"}
    assert load_settings({}, environment=own, executors=follows).merge_slice_rows == 9
