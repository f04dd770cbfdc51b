"""How the engine is run over random leagues: the session's settings, the types of its input, the number of examples.

No league and no assertion.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, settings
from pyspark.sql import SparkSession

from jobs.spark.session import LARGE_RUNS
from tests.oracle.random_league import OF_THE_CONTRACT, Digits

# Wide ones, and those of tables as people declare them: DECIMAL(6,2), DECIMAL(5,1), DECIMAL(3,1).
DIGITS = (*OF_THE_CONTRACT, Digits(9, 4), Digits(20, 18), Digits(4, 2), Digits(4, 1), Digits(2, 1))
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
WHOLE_STAGES = {"spark.sql.codegen.wholeStage": "true"}
PARTITIONINGS: dict[str, Mapping[str, str]] = {
    "1_partition_ansi": {"spark.sql.shuffle.partitions": "1", "spark.sql.ansi.enabled": "true", **WHOLE_STAGES},
    "8_partitions": {"spark.sql.shuffle.partitions": "8", **WHOLE_STAGES, **LARGE_RUNS},
    "200_partitions": {"spark.sql.shuffle.partitions": "200", "spark.sql.adaptive.enabled": "true"},
}
# A Spark job takes seconds however few its rows, so each has leagues of dozens of players; shrinking would take
# minutes, and the difference names key and column anyhow.
reproducible = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@contextmanager
def configured(spark: SparkSession, options: Mapping[str, str]) -> Iterator[None]:
    """The session with some options, put back afterwards."""
    before = {name: spark.conf.get(name, None) for name in options}
    for name, value in options.items():
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, earlier in before.items():
            if earlier is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, earlier)
