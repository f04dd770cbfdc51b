"""What gcloud is told, what becomes of its exit code, and what is refused. That Dataproc takes it is not shown here."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from jobs.errors import ConfigurationError
from jobs.spark.submitted_session import COMMAND
from jobs.submission.artifact import Artifact
from jobs.submission.dataproc import command as told
from jobs.submission.settings import DataprocSettings, load
from jobs.submission.travelling import sent_job
from tests.submission.conftest import Command

MODULE = "jobs.submission.dataproc"
JOB = ("backfill_features", "--warehouse", "bigquery", "--project", "data", "--dates", "2021-11-20")
PLACE = ("--project", "paying", "--region", "europe-west1")
DELTA = ("backfill_features", "--warehouse", "delta", "--warehouse-path", "gs://data/store", "--dates", "2021-11-20")
CLUSTER = (*PLACE, "--cluster", "mine")
SERVERLESS = (*PLACE, "--bucket", "my-bucket")
# Of the published references of `gcloud dataproc jobs submit pyspark` and `gcloud dataproc batches submit pyspark`.
OF_BOTH = "archives async files jars labels properties py-files region"
OF_JOBS = (
    "cluster cluster-labels bucket driver-log-levels driver-required-memory-mb driver-required-vcores "
    "max-failures-per-hour max-failures-total properties-file"
)
OF_BATCHES = (
    "batch container-image deps-bucket history-server-cluster kms-key metastore-service network request-id "
    "service-account staging-bucket subnet tags ttl user-workload-authentication-type version"
)
FLAGS_OF_JOBS = {*OF_BOTH.split(), *OF_JOBS.split(), "project"}
FLAGS_OF_BATCHES = {*OF_BOTH.split(), *OF_BATCHES.split(), "project"}
RUN = r"\d{8}t\d{6}z-[0-9a-f]{6}"


def parts(arguments: list[str]) -> tuple[list[str], dict[str, str], list[str]]:
    """Positional arguments, flags, and what the driver is told."""
    split = arguments.index("--")
    flags = [argument for argument in arguments[:split] if argument.startswith("--")]
    positional = [argument for argument in arguments[:split] if not argument.startswith("--")]
    return positional, dict(flag.removeprefix("--").partition("=")[::2] for flag in flags), arguments[split + 1 :]


def recorded(command: Command) -> tuple[list[str], dict[str, str], list[str]]:
    return parts(command.recorded.read_text().splitlines())


def test_a_job_on_a_cluster(command: Command, artifact: Artifact) -> None:
    done = command.start(MODULE, *CLUSTER, "--bucket", "my-bucket", "--artifact", artifact.folder, *JOB)
    assert done.returncode == 0, done.stderr
    positional, flags, driver = recorded(command)
    assert positional == ["dataproc", "jobs", "submit", "pyspark", str(artifact.main)]
    assert {name: flags[name] for name in ("project", "region", "cluster", "bucket")} == {
        "project": "paying",
        "region": "europe-west1",
        "cluster": "mine",
        "bucket": "my-bucket",
    }
    assert (flags["py-files"], flags["files"]) == (str(artifact.project), str(artifact.packages))
    assert set(flags) == {"project", "region", "cluster", "bucket", "py-files", "files", "labels", "properties"}
    assert driver[:2] == ["--run-id", re.search("run (.*)", done.stderr)[1]]  # type: ignore[index]
    assert driver[2:] == list(JOB)
    assert re.fullmatch(f"job=backfill_features,run_id={RUN}", flags["labels"])
    assert driver[1].lower() in flags["labels"]


def test_a_serverless_batch(command: Command, artifact: Artifact) -> None:
    options = ("--service-account", "robot@paying.iam", "--version", "3.0", "--async", "--partial-ok")
    done = command.start(MODULE, *SERVERLESS, *options, "--artifact", artifact.folder, *JOB)
    assert done.returncode == 0, done.stderr
    positional, flags, driver = recorded(command)
    assert positional == ["dataproc", "batches", "submit", "pyspark", str(artifact.main)]
    assert re.fullmatch(f"feature-store-{RUN}", flags["batch"])
    assert (flags["version"], flags["deps-bucket"]) == ("3.0", "gs://my-bucket")
    assert flags["service-account"] == "robot@paying.iam"
    assert flags["user-workload-authentication-type"] == "SERVICE_ACCOUNT"
    assert flags.keys() <= FLAGS_OF_BATCHES
    assert "async" in flags
    assert driver[2:] == ["--partial-ok", *JOB]


def test_the_size_of_the_executors(command: Command, artifact: Artifact) -> None:
    sizes = ("--executors", "7", "--executor-cores", "8", "--executor-memory", "20g", "--driver-memory", "3g")
    command.start(MODULE, *CLUSTER, *sizes, "--artifact", artifact.folder, *JOB)
    properties = dict(pair.split("=", 1) for pair in recorded(command)[1]["properties"].split(","))
    assert properties == {
        "spark.driver.memory": "3g",
        "spark.dynamicAllocation.enabled": "false",
        "spark.executor.instances": "7",
        "spark.executor.cores": "8",
        "spark.executor.memory": "20g",
        "spark.executor.extraJavaOptions": "-Duser.timezone=UTC",
        COMMAND: "./spark-submit.sh dataproc --project paying --region europe-west1 --cluster mine",
    }


def told_properties(flags: dict[str, str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in flags["properties"].split(","))


@pytest.mark.parametrize(
    ("place", "version", "package"),
    [
        (CLUSTER, "2.3", "io.delta:delta-spark_2.12:3.3.3"),
        (CLUSTER, "3.0", "io.delta:delta-spark_2.13:4.0.1"),
        (SERVERLESS, "2.3", "io.delta:delta-spark_2.13:3.3.3"),
        (SERVERLESS, "3.0", "io.delta:delta-spark_2.13:4.0.1"),
    ],
)
def test_delta_on_an_object_store(
    place: tuple[str, ...], version: str, package: str, command: Command, artifact: Artifact
) -> None:
    done = command.start(
        MODULE, *place, "--version", version, "--dry-run", "--artifact", artifact.folder, *DELTA, gcloud=False
    )
    assert done.returncode == 0, done.stderr
    _, flags, driver = parts(shlex.split(done.stdout)[1:])
    assert told_properties(flags)["spark.jars.packages"] == package
    assert driver[2:] == list(DELTA)
    published = FLAGS_OF_JOBS if place is CLUSTER else FLAGS_OF_BATCHES
    assert flags.keys() <= published


@pytest.mark.parametrize("place", [CLUSTER, SERVERLESS])
def test_a_warehouse_on_this_machine_is_refused_in_one_line(
    place: tuple[str, ...], command: Command, artifact: Artifact
) -> None:
    job = (*DELTA[:4], "/shared/store", *DELTA[5:])
    done = command.start(MODULE, *place, "--dry-run", "--artifact", artifact.folder, *job, gcloud=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "error: the warehouse /shared/store is a folder of this machine, which Dataproc's machines do not have: "
        "give the job --warehouse-path gs://BUCKET/FOLDER, or --warehouse bigquery"
    ]


def test_delta_of_the_image_is_not_fetched(command: Command, artifact: Artifact) -> None:
    done = command.start(MODULE, *CLUSTER, "--delta", "image", "--artifact", artifact.folder, *DELTA)
    assert done.returncode == 0, done.stderr
    assert "spark.jars.packages" not in told_properties(recorded(command)[1])


def test_packages_of_the_user_are_fetched_beside_delta(artifact: Artifact, tmp_path: Path) -> None:
    file = tmp_path / "place.yaml"
    file.write_text("properties:\n  spark.jars.packages: a:b:1\ndelta_packages:\n  cluster:\n    '2.3': c:d:2\n")
    place = load(DataprocSettings, "dataproc", {"project": "p", "region": "r", "cluster": "c"}, file)
    _, flags, _ = parts(told(place, artifact, sent_job(DELTA[0], DELTA[1:], {}), run_id="20261125T000000Z-abcdef"))
    assert flags["properties"].endswith("|spark.jars.packages=c:d:2,a:b:1")


def test_a_version_of_which_no_delta_is_known(artifact: Artifact) -> None:
    place = DataprocSettings.model_validate({"project": "p", "region": "r", "cluster": "c"})
    with pytest.raises(ConfigurationError, match=r"no package with Delta is known for a cluster of version 2\.3"):
        told(place, artifact, sent_job(DELTA[0], DELTA[1:], {}), run_id="20261125T000000Z-abcdef")


def test_a_value_with_a_comma_gets_another_delimiter(artifact: Artifact) -> None:
    place = DataprocSettings.model_validate(
        {"project": "p", "region": "r", "cluster": "c", "properties": {"spark.jars": "a,b"}, "labels": {"team": "x"}}
    )
    _, flags, _ = parts(told(place, artifact, sent_job(JOB[0], JOB[1:], {}), run_id="20261125T000000Z-abcdef"))
    assert flags["properties"].startswith("^|^spark.driver.memory=4g|")
    assert flags["properties"].endswith("|spark.jars=a,b")
    assert flags["labels"] == "team=x,job=backfill_features,run_id=20261125t000000z-abcdef"


def test_own_settings_travel_in_a_file(command: Command, artifact: Artifact, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("on_missing: skip\nprune: true\n")
    job = (*JOB, "--config", config)
    done = command.start(MODULE, *CLUSTER, "--artifact", artifact.folder, *job, FEATURE_STORE_ON_MISSING="fallback")
    assert done.returncode == 0, done.stderr
    _, flags, driver = recorded(command)
    name = Path(flags["files"].split(",")[1]).name
    assert driver[-2:] == ["--config", name]
    assert str(config) not in driver
    assert Path(f"{command.recorded}.settings").read_text() == "on_missing: fallback\nprune: true\n"


@pytest.mark.parametrize("code", [0, 1, 7])
def test_the_exit_code_is_that_of_gcloud(code: int, command: Command, artifact: Artifact) -> None:
    done = command.start(MODULE, *CLUSTER, "--artifact", artifact.folder, *JOB, GCLOUD_EXIT=str(code))
    assert done.returncode == code


def test_a_dry_run_prints_the_command_and_needs_no_gcloud(command: Command, tmp_path: Path) -> None:
    absent = tmp_path / "not built"
    done = command.start(
        MODULE, *SERVERLESS, "--dry-run", "--artifact", absent, *JOB, gcloud=False, FEATURE_STORE_PRUNE="true"
    )
    assert done.returncode == 0, done.stderr
    line, *settings = done.stdout.splitlines()
    program, *arguments = shlex.split(line)
    assert program == "gcloud"
    assert parts(arguments)[0][:4] == ["dataproc", "batches", "submit", "pyspark"]
    assert settings[1:] == ["prune: 'true'"]


def test_a_batch_for_airflow_is_that_of_the_dry_run(command: Command, artifact: Artifact, tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("on_missing: skip\n")
    asked = ("--service-account", "robot@paying.iam", "--partial-ok", "--artifact", artifact.folder)
    job = (*JOB, "--config", config)
    printed = command.start(MODULE, *PLACE, *asked, "--airflow", "gs://my-bucket/store/", *job, gcloud=False)
    assert printed.returncode == 0, printed.stderr
    shown = command.start(MODULE, *SERVERLESS, *asked, "--dry-run", *job, gcloud=False)
    _, flags, driver = parts(shlex.split(shown.stdout.splitlines()[0]))
    found = json.loads(printed.stdout)
    assert (found["project_id"], found["region"]) == ("paying", "europe-west1")
    told, run_id = found["batch"], found["run_id"]
    assert told["pyspark_batch"]["args"] == ["--run-id", run_id, *driver[2:-1], "settings-backfill_features.yaml"]
    files = ["environment.tar.gz", "settings-backfill_features.yaml"]
    assert told["pyspark_batch"]["file_uris"] == [f"gs://my-bucket/store/{name}" for name in files]
    assert (artifact.folder / files[1]).read_text() == config.read_text()
    assert all(name in printed.stderr for name in (*files, "gs://my-bucket/store/"))
    assert told["environment_config"] == {"execution_config": {"service_account": flags["service-account"]}}
    assert told["labels"] == {"job": "backfill_features", "run_id": run_id.lower()}
    properties = dict(pair.split("=", 1) for pair in flags["properties"].split(","))
    assert told["runtime_config"] == {"version": flags["version"], "properties": properties}


def test_without_gcloud(command: Command, artifact: Artifact) -> None:
    done = command.start(MODULE, *CLUSTER, "--artifact", artifact.folder, *JOB, gcloud=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "error: gcloud was not found: install the Google Cloud CLI, or use --dry-run to see the command"
    ]


@pytest.mark.parametrize(
    ("place", "job", "sentence"),
    [
        ((), JOB, "Dataproc needs project, region, bucket: give --project, --region, --bucket"),
        (PLACE, JOB, "Dataproc needs bucket: give --bucket"),
        ((*CLUSTER, "--service-account", "x"), JOB, "leave out the cluster mine"),
        (CLUSTER, (*DELTA[:4], "/shared/store"), "the warehouse /shared/store is a folder of this machine"),
        (
            SERVERLESS,
            ("backfill_features", "--dates", "2021-11-20"),
            "give the job --warehouse-path gs://BUCKET/FOLDER",
        ),
        (CLUSTER, ("nothing",), "unknown job 'nothing'"),
        (CLUSTER, (*JOB, "--on-missing", "perhaps"), "perhaps"),
        ((*SERVERLESS[:-1], "b"), JOB, "'b' is not the name of a bucket"),
        ((*PLACE, "--airflow", "dags"), JOB, "--airflow 'dags' is not a folder of Cloud Storage"),
        ((*CLUSTER, "--airflow", "gs://my-bucket/store"), JOB, "leave out the cluster mine"),
    ],
)
def test_what_is_refused_before_gcloud_is_called(
    place: tuple[str, ...], job: tuple[str, ...], sentence: str, command: Command, artifact: Artifact
) -> None:
    done = command.start(MODULE, *place, "--artifact", artifact.folder, *job)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not command.recorded.exists()


def test_a_credential_does_not_travel_and_is_not_shown(command: Command, artifact: Artifact) -> None:
    for mode in ([], ["--dry-run"]):
        done = command.start(
            MODULE, *CLUSTER, *mode, "--artifact", artifact.folder, *JOB, FEATURE_STORE_BIGQUERY__ACCESS_TOKEN="s3cret"
        )
        assert done.returncode == 2
        assert "bigquery.access_token does not travel" in done.stderr
        assert "s3cret" not in done.stdout + done.stderr
        assert not command.recorded.exists()


def test_a_wrong_setting_is_named_with_its_place(command: Command, artifact: Artifact, tmp_path: Path) -> None:
    mine = tmp_path / "place.yaml"
    mine.write_text("regoin: europe-west1\n")
    done = command.start(MODULE, "--settings", mine, "--artifact", artifact.folder, *JOB)
    assert done.returncode == 2
    assert f"error: configuration in {mine}: unknown option 'regoin'" in done.stderr


def test_a_list_that_no_delimiter_fits(artifact: Artifact) -> None:
    place = DataprocSettings.model_validate(
        {"project": "p", "region": "r", "cluster": "c", "properties": {"x": ",|;#@"}}
    )
    with pytest.raises(ConfigurationError, match="no delimiter is left"):
        told(place, artifact, sent_job(JOB[0], JOB[1:], {}), run_id="20261125T000000Z-abcdef")
