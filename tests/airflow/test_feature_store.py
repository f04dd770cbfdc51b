"""conf/airflow/feature_store.py under real Airflow: what its DAGs submit is what `dataproc --dry-run` prints.

Dataproc itself is played: it takes a batch, checks it as the API's own type does, and says how it ended.
"""

from __future__ import annotations

import datetime
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.airflow.conftest import PLACE, SIZES, WAREHOUSE, launched

pytest.importorskip("airflow", reason="./spark-submit.sh test --airflow has it")

RUN_ID = re.compile(r"\d{8}t\d{6}z-[0-9a-f]{6}", re.IGNORECASE)
AT_ONE_UTC = datetime.datetime(2021, 11, 20, 1, tzinfo=datetime.timezone.utc)


@dataclass
class Dataproc:
    """Keeps what was submitted; the next batches end as `ends` says, then all succeed."""

    submitted: list[dict[str, Any]] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    def create_batch(self, **request: Any) -> Any:
        """As the hook of the provider."""
        from google.cloud.dataproc_v1 import Batch

        Batch(request["batch"])
        assert re.fullmatch("[a-z0-9][a-z0-9-]{2,61}[a-z0-9]", request["batch_id"])
        assert request["batch_id"] not in [earlier["batch_id"] for earlier in self.submitted]
        self.submitted.append(request)
        return SimpleNamespace(metadata=SimpleNamespace(batch=f"projects/p/batches/{request['batch_id']}"))

    def end(self) -> str:
        return self.ends.pop(0) if self.ends else "SUCCEEDED"

    @property
    def arguments(self) -> list[list[str]]:
        """What each driver is told after its run id."""
        return [request["batch"]["pyspark_batch"]["args"][2:] for request in self.submitted]


@pytest.fixture
def dataproc(monkeypatch: pytest.MonkeyPatch) -> Dataproc:
    from airflow.providers.google.cloud.operators import dataproc as operators
    from airflow.providers.google.cloud.triggers.dataproc import DataprocBatchTrigger
    from airflow.triggers.base import TriggerEvent

    played = Dataproc()

    async def run(trigger: Any) -> Any:
        yield TriggerEvent(
            {"batch_id": trigger.batch_id, "batch_state": played.end(), "batch_state_message": "exit code 3"}
        )

    monkeypatch.setattr(operators, "DataprocHook", lambda **_: played)
    monkeypatch.setattr(DataprocBatchTrigger, "run", run)
    return played


@pytest.fixture(scope="module")
def dags(dags_folder: Path) -> dict[str, Any]:
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(dags_folder))
    assert bag.import_errors == {}
    found: dict[str, Any] = bag.dags
    for dag in found.values():
        for task in dag.tasks:
            task.retry_delay = datetime.timedelta(0)
    return found


def of_dry_run(*options: str) -> dict[str, Any]:
    """What gcloud would be told, in the words of Dataproc's API; `files` by their names alone."""
    printed = shlex.split(launched(*SIZES, *options).splitlines()[0])
    split = printed.index("--")
    flags = dict(word.removeprefix("--").partition("=")[::2] for word in printed[:split] if word.startswith("--"))
    (main,) = [word for word in printed[:split] if word.endswith(".py")]

    def pairs(of: str) -> dict[str, str]:
        return dict(pair.split("=", 1) for pair in of.split(","))

    known = {
        "project": flags.pop("project"),
        "region": flags.pop("region"),
        "batch_id": flags.pop("batch"),
        "main": Path(main).name,
        "python_files": [Path(flags.pop("py-files")).name],
        "files": [Path(file).name for file in flags.pop("files").split(",")],
        "args": printed[split + 1 :],
        "labels": pairs(flags.pop("labels")),
        "version": flags.pop("version"),
        "properties": pairs(flags.pop("properties")),
        "service_account": flags.pop("service-account"),
        "authentication_config": {"user_workload_authentication_type": flags.pop("user-workload-authentication-type")},
    }
    # Where gcloud uploads the files to; Airflow finds them there.
    assert flags == {"deps-bucket": "gs://my-bucket"}
    return known


def of_request(request: dict[str, Any]) -> dict[str, Any]:
    """The same of what Airflow submitted; every field of it is named here."""
    batch = request["batch"]
    assert batch.keys() == {"pyspark_batch", "labels", "runtime_config", "environment_config"}
    assert batch["environment_config"].keys() == {"execution_config"}
    job, runtime = batch["pyspark_batch"], batch["runtime_config"]
    assert job.keys() == {"main_python_file_uri", "args", "python_file_uris", "file_uris"}
    uris = [job["main_python_file_uri"], *job["python_file_uris"], *job["file_uris"]]
    assert all(uri.rpartition("/")[0] == "gs://my-bucket/feature-store" for uri in uris)
    return {
        "project": request["project_id"],
        "region": request["region"],
        "batch_id": request["batch_id"],
        "main": uris[0].rpartition("/")[2],
        "python_files": [uri.rpartition("/")[2] for uri in job["python_file_uris"]],
        "files": [uri.rpartition("/")[2] for uri in job["file_uris"]],
        "args": job["args"],
        "labels": batch["labels"],
        **runtime,
        **batch["environment_config"]["execution_config"],
    }


def without_run(told: dict[str, Any]) -> dict[str, Any]:
    """Another run has another name: the same one for both."""
    text = repr(told)
    names = {name.lower() for name in RUN_ID.findall(text)}
    assert len(names) == 1
    return eval(RUN_ID.sub("RUN", text))  # type: ignore[no-any-return]


def test_the_evening_is_submitted_as_the_dry_run_says(dags: dict[str, Any], dataproc: Dataproc) -> None:
    run = dags["feature_store_daily"].test(logical_date=AT_ONE_UTC)
    assert run.state == "success"
    daily, validate = map(of_request, dataproc.submitted)
    assert re.search("-try1$", daily["batch_id"])
    daily["batch_id"] = daily["batch_id"].removesuffix("-try1")
    of_airflow = {name for name in daily["labels"] if name.startswith("airflow-")}
    assert of_airflow >= {"airflow-dag-id", "airflow-task-id"}
    daily["labels"] = {name: value for name, value in daily["labels"].items() if name not in of_airflow}
    expected = of_dry_run("daily", *WAREHOUSE, "--date", "2021-11-19")
    assert without_run(daily) == without_run(expected)
    assert validate["args"][2:] == ["validate", *WAREHOUSE, "--strict", "--start", "2021-11-19", "--end", "2021-11-19"]


def test_another_evening_is_asked_for(dags: dict[str, Any], dataproc: Dataproc) -> None:
    dags["feature_store_daily"].test(logical_date=AT_ONE_UTC, run_conf={"date": "2021-12-25"})
    assert dataproc.arguments[0] == ["--partial-ok", "daily", *WAREHOUSE, "--date", "2021-12-25"]


def test_a_try_after_a_failure_is_another_batch_and_another_run(dags: dict[str, Any], dataproc: Dataproc) -> None:
    dataproc.ends = ["FAILED", "SUCCEEDED"]
    run = dags["feature_store_daily"].test(logical_date=AT_ONE_UTC)
    assert run.state == "success"
    first, second, checked = dataproc.submitted
    assert (first["batch_id"][-5:], second["batch_id"][-5:], checked["batch_id"][-5:]) == ("-try1", "-try2", "-try1")
    names = [request["batch"]["pyspark_batch"]["args"][1] for request in (first, second)]
    assert len(set(names)) == 2
    for request, name in zip((first, second), names, strict=True):
        assert request["batch"]["labels"]["run_id"] == name.lower()
        assert request["batch_id"].startswith(f"feature-store-{name.lower()}-try")
    assert dataproc.arguments[0] == dataproc.arguments[1]


def test_what_fails_each_time_fails_the_run_and_is_not_checked(dags: dict[str, Any], dataproc: Dataproc) -> None:
    dataproc.ends = ["FAILED"] * 3
    run = dags["feature_store_daily"].test(logical_date=AT_ONE_UTC)
    assert run.state == "failed"
    assert [arguments[1] for arguments in dataproc.arguments] == ["daily"] * 3


def test_a_back_fill_goes_range_by_range(dags: dict[str, Any], dataproc: Dataproc) -> None:
    dates = {"start": "2021-10-19", "end": "2021-12-01", "days": 30}
    run = dags["feature_store_backfill"].test(run_conf=dates)
    assert run.state == "success"
    ranges = [["--start", "2021-10-19", "--end", "2021-11-17"], ["--start", "2021-11-18", "--end", "2021-12-01"]]
    written = [arguments for arguments in dataproc.arguments if "backfill_features" in arguments]
    # One at a time, each checked after it was written; which comes first Airflow leaves open.
    assert sorted(written) == [["--partial-ok", "backfill_features", *WAREHOUSE, *dates] for dates in ranges]
    checked = [arguments for arguments in dataproc.arguments if "validate" in arguments]
    assert sorted(checked) == [["validate", *WAREHOUSE, "--strict", *dates] for dates in ranges]


def test_the_run_of_a_day_is_in_the_leagues_time(dags: dict[str, Any]) -> None:
    timetable = dags["feature_store_daily"].timetable
    assert (timetable._expression, str(timetable._timezone.name)) == ("0 11 * * *", "America/New_York")


def test_each_field_of_the_place_is_told(dags_folder: Path) -> None:
    printed = (dags_folder / "daily.json").read_text()
    assert [value for value in PLACE[1::2] if value not in printed] == []
