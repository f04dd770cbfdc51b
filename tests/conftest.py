"""One Spark session for each process of the suite: a job's own settings, and what spares small data its ceremony."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from jobs.spark.jvm_names import remember_names
from jobs.spark.session import ALWAYS, ON_THIS_MACHINE, SMALL_PAGES, SMALL_RUNS
from jobs.warehouse.delta.kind import DeltaKind
from tests.bigquery_emulator.certificate import Certificate, make_certificate
from tests.bigquery_emulator.emulator import Emulator
from tests.jars import OF_THE_SUITE, jars_of
from tests.object_stores.build import GoIsMissing
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.s3 import FakeS3
from tests.spark_settings import AS_IN_A_JOB, FEW_ROWS, configured

pytest_plugins = ["tests.workers"]

# A suite compiles the code of many runs: the default of 48 MB is full after a few, and the compiler stops then.
# And loads as many classes: each threshold of the default would be a full collection.
JAVA_OPTIONS = (
    "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=512m -XX:MetaspaceSize=512m -XX:+UseSerialGC -Xms2g -Xmn1g "
    "-Duser.timezone=UTC"
)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """The emulator's certificate: one for the session, since the JVM reads its trust store once, when it starts."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def emulator(certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A BigQuery, empty at first; tests keep to datasets of their own, or call `restart`."""
    with Emulator(certificate, tmp_path_factory.mktemp("emulator") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGcs]:
    """A Cloud Storage, empty at first; tests keep to buckets of their own."""
    try:
        running = FakeGcs(tmp_path_factory.mktemp("gcs") / "log").start()
    except GoIsMissing as missing:
        pytest.skip(str(missing))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeS3]:
    """An S3 with conditional puts, empty at first; tests keep to buckets of their own."""
    with FakeS3(tmp_path_factory.mktemp("s3") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def spark(certificate: Certificate) -> Iterator[SparkSession]:
    os.environ.setdefault("TZ", "UTC")
    builder = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.extraClassPath", os.pathsep.join(map(str, jars_of(*OF_THE_SUITE))))
        .config("spark.driver.extraJavaOptions", f"{JAVA_OPTIONS} {certificate.java_options}")
        .config("spark.driver.memory", "4g")
    )
    delta = DeltaKind()
    # `test_no_setting_and_no_order_changes_a_value_or_a_hash` has the settings of large runs too.
    for name, value in {
        **ALWAYS,
        **ON_THIS_MACHINE,
        **SMALL_RUNS,
        **SMALL_PAGES,
        **delta.spark_settings,
        **delta.local_spark_settings,
        **FEW_ROWS,
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    remember_names(session.sparkContext)
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="module")
def as_in_a_job(spark: SparkSession) -> Iterator[None]:
    """For a module whose runs are to be like those of a job."""
    with configured(spark, AS_IN_A_JOB):
        yield
