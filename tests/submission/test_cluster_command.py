"""What `spark-submit` is told for a Spark master, and what is refused before it is called."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from jobs.spark.submitted_session import COMMAND
from jobs.submission.artifact import Artifact
from tests.submission.conftest import Command

MODULE = "jobs.submission.cluster"
JOB = ("backfill_features", "--dates", "2021-11-20", "--warehouse-path", "/shared/warehouse")


def planned(
    command: Command, artifact: Artifact, *options: object, job: tuple[object, ...] = JOB, **env: str
) -> list[str]:
    done = command.start(MODULE, "--dry-run", "--artifact", artifact.folder, *options, *job, gcloud=False, **env)
    assert done.returncode == 0, done.stderr
    return shlex.split(done.stdout)


def settings(arguments: list[str]) -> dict[str, str]:
    pairs = [arguments[number + 1] for number, name in enumerate(arguments) if name == "--conf"]
    return dict(pair.split("=", 1) for pair in pairs)


def value(arguments: list[str], option: str) -> str:
    return arguments[arguments.index(option) + 1]


def test_a_standalone_master(command: Command, artifact: Artifact) -> None:
    arguments = planned(
        command, artifact, "--master", "spark://host:7077", "--executors", "3", "--executor-memory", "2g"
    )
    assert Path(arguments[0]).name == "spark-submit"
    assert (value(arguments, "--master"), value(arguments, "--deploy-mode")) == ("spark://host:7077", "client")
    assert value(arguments, "--py-files") == str(artifact.project)
    assert "--archives" not in arguments
    assert {
        name: settings(arguments)[f"spark.{name}"] for name in ("executor.instances", "executor.memory", "cores.max")
    } == {
        "executor.instances": "3",
        "executor.memory": "2g",
        "cores.max": "6",
    }
    assert settings(arguments)[COMMAND] == "./spark-submit.sh cluster --master spark://host:7077 --deploy-mode client"
    assert arguments[arguments.index(str(artifact.main)) + 1 :] == list(JOB)
    loaded = [option for option in ("--jars", "--packages") if option in arguments]
    assert len(loaded) == 1
    assert "delta-spark_2.12" in value(arguments, loaded[0])
    assert "bigquery" not in value(arguments, loaded[0])


def test_a_driver_on_the_cluster_gets_the_archive_and_the_settings(command: Command, artifact: Artifact) -> None:
    options = ("--master", "yarn", "--deploy-mode", "cluster", "--partial-ok")
    arguments = planned(command, artifact, *options, FEATURE_STORE_ON_MISSING="skip")
    assert value(arguments, "--archives") == f"{artifact.packages}#environment"
    file = Path(value(arguments, "--files"))
    assert value(arguments, "--packages").startswith("io.delta:delta-spark_2.12")
    assert "spark.cores.max" not in settings(arguments)
    assert not [argument for argument in arguments if "log4j2" in argument]
    assert arguments[arguments.index(str(artifact.main)) + 1 :] == ["--partial-ok", *JOB, "--config", file.name]


def test_options_of_the_executors_name_no_path_of_this_machine(command: Command, artifact: Artifact) -> None:
    arguments = planned(
        command, artifact, "--master", "spark://h:1", "--executor-java-options", "-Dx=y -XX:+UseSerialGC"
    )
    assert settings(arguments)["spark.executor.extraJavaOptions"] == "-Duser.timezone=UTC -Dx=y -XX:+UseSerialGC"


def test_the_connector_is_loaded_for_its_warehouse(command: Command, artifact: Artifact) -> None:
    job = ("backfill_features", "--dates", "2021-11-20", "--warehouse", "bigquery", "--project", "p")
    arguments = planned(command, artifact, "--master", "yarn", "--deploy-mode", "cluster", job=job)
    assert "spark-bigquery-with-dependencies" in value(arguments, "--packages")
    assert "delta" not in value(arguments, "--packages")


def test_the_file_system_of_a_store_is_loaded_for_its_warehouse(command: Command, artifact: Artifact) -> None:
    job = ("backfill_features", "--dates", "2021-11-20", "--warehouse-path", "gs://bucket/warehouse")
    arguments = planned(command, artifact, "--master", "yarn", "--deploy-mode", "cluster", job=job)
    packages = value(arguments, "--packages").split(",")
    assert packages[1:] == ["com.google.cloud.bigdataoss:gcs-connector:hadoop3-2.2.26"]
    assert "shaded" in Path(settings(arguments)["spark.jars.ivySettings"]).read_text()


@pytest.mark.parametrize(
    ("warehouse", "beside_delta"),
    [
        ("s3a://bucket/store", ["hadoop-aws"]),
        ("abfss://container@account/store", ["hadoop-azure"]),
        ("hdfs://host:8020/store", []),
        ("/shared/store", []),
    ],
)
def test_only_the_file_system_that_is_used_is_loaded(
    warehouse: str, beside_delta: list[str], command: Command, artifact: Artifact
) -> None:
    job = (*JOB[:-1], warehouse)
    arguments = planned(command, artifact, "--master", "yarn", "--deploy-mode", "cluster", job=job)
    packages = [package.split(":")[1] for package in value(arguments, "--packages").split(",")]
    assert packages == ["delta-spark_2.12", *beside_delta]
    assert arguments[-1] == warehouse


def test_a_file_of_settings_is_beaten_by_options(command: Command, artifact: Artifact, tmp_path: Path) -> None:
    file = tmp_path / "place.yaml"
    file.write_text("master: yarn\nexecutors:\n  count: 9\n  cores: 5\nproperties:\n  spark.speculation: 'true'\n")
    found = settings(planned(command, artifact, "--settings", file, "--executors", "4"))
    assert (found["spark.executor.instances"], found["spark.executor.cores"]) == ("4", "5")
    assert found["spark.speculation"] == "true"


@pytest.mark.parametrize(
    ("options", "job", "sentence"),
    [
        ((), JOB, "which master? give --master"),
        (("--master", "spark://h:1", "--deploy-mode", "cluster"), JOB, "leave out --deploy-mode cluster"),
        (("--master", "yarn", "--executor-memory", "much"), JOB, "'much' is not a valid size"),
        (("--master", "yarn"), ("errors",), "unknown job 'errors'"),
        (("--master", "yarn"), ("backfill_features", "--satrt", "2021-11-20"), "--satrt"),
    ],
)
def test_what_is_refused(
    options: tuple[str, ...], job: tuple[str, ...], sentence: str, command: Command, artifact: Artifact
) -> None:
    done = command.start(MODULE, "--artifact", artifact.folder, *options, *job)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["spark.hadoop.fs.s3a.secret.key", "spark.ssl.keyPassword", "spark.my.token"])
def test_a_secret_never_becomes_an_argument_of_a_process(
    name: str, command: Command, artifact: Artifact, tmp_path: Path
) -> None:
    file = tmp_path / "place.yaml"
    file.write_text(f"master: yarn\nproperties:\n  {name}: planted\n")
    done = command.start(MODULE, "--settings", file, "--artifact", artifact.folder, "--dry-run", *JOB)
    assert done.returncode == 2
    assert f"{name} is a secret" in done.stderr
    assert "planted" not in done.stdout + done.stderr


def test_a_folder_without_an_artifact(command: Command, tmp_path: Path) -> None:
    done = command.start(MODULE, "--master", "yarn", "--artifact", tmp_path, *JOB)
    assert done.returncode == 2
    assert "run_job.py, player_feature_store.zip, environment.tar.gz missing" in done.stderr
