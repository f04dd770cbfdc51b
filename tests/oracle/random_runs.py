"""How the engine is run over random leagues: the session's settings, the types of its input, the number of examples.

No league and no assertion.
"""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import HealthCheck, Phase, settings

from jobs.spark.session import LARGE_RUNS
from tests.oracle.random_league import OF_THE_CONTRACT, Digits
from tests.spark_settings import AS_IN_A_JOB

# Wide ones, and those of tables as people declare them: DECIMAL(6,2), DECIMAL(5,1), DECIMAL(3,1).
DIGITS = (*OF_THE_CONTRACT, Digits(9, 4), Digits(20, 18), Digits(4, 2), Digits(4, 1), Digits(2, 1))
INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
WHOLE_STAGES = {**AS_IN_A_JOB, "spark.sql.codegen.wholeStage": "true"}
PARTITIONINGS: dict[str, Mapping[str, str]] = {
    "1_partition_ansi": {**WHOLE_STAGES, "spark.sql.shuffle.partitions": "1", "spark.sql.ansi.enabled": "true"},
    "8_partitions": {**WHOLE_STAGES, "spark.sql.shuffle.partitions": "8", **LARGE_RUNS},
    "200_partitions": {**AS_IN_A_JOB, "spark.sql.shuffle.partitions": "200", "spark.sql.adaptive.enabled": "true"},
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
