"""Airflow's DAGs of the player feature store: the evening's games each day, and a back-fill by ranges of dates.

Each job is a serverless batch on Dataproc. What its batch is (files, sizes, service account, the job's options) stands
in JOB.json beside this file, as `./spark-submit.sh dataproc --airflow gs://BUCKET/FOLDER JOB ...` prints it. Here it
is given its dates, and for each try a run id of its own. Needs Airflow 3 with its Google provider, and nothing else.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.google.cloud.operators.dataproc import DataprocCreateBatchOperator
from airflow.sdk import DAG, Param, task, task_group
from airflow.timetables.trigger import CronTriggerTimetable

LEAGUE_TIME = "America/New_York"
EVERY_DAY_AT = "0 11 * * *"
"""In the league's time: when context and schedule of the evening are there, and before its first game."""

# A job that finds its dates held by another run is refused, and tried again after a while like one that failed.
DEFAULTS = {"retries": 2, "retry_delay": datetime.timedelta(minutes=15)}
BATCHES = {
    job: json.loads(Path(__file__).with_name(f"{job}.json").read_text())
    for job in ("daily", "backfill_features", "validate")
}


class FeatureStoreJob(DataprocCreateBatchOperator):
    """A job as a batch, with more options behind those of its file.

    A batch that exists is attached to, whatever became of it: so each try has a run id and a batch of its own.
    """

    template_fields = (*DataprocCreateBatchOperator.template_fields, "options")

    def __init__(self, *, job: str, options: Sequence[str], flags: Sequence[str] = (), **arguments: Any) -> None:
        printed = BATCHES[job]
        super().__init__(
            project_id=printed["project_id"],
            region=printed["region"],
            batch=printed["batch"],
            deferrable=True,
            polling_interval_seconds=30,
            **arguments,
        )
        self.job = job
        self.options = options
        self.flags = flags

    def execute(self, context: Any) -> Any:
        """Submits the batch under the names of this try."""
        printed, task_instance = BATCHES[self.job], context["ti"]
        run_id = run_id_of(task_instance)
        names = {printed["run_id"]: run_id, printed["run_id"].lower(): run_id.lower()}
        text = json.dumps(printed["batch"])
        for name, own in names.items():
            text = text.replace(name, own)
        self.batch = json.loads(text)
        self.batch["pyspark_batch"]["args"] += [*self.flags, *self.options]
        self.batch_id = f"feature-store-{run_id.lower()}-try{task_instance.try_number}"
        return super().execute(context)


def run_id_of(task_instance: Any) -> str:
    """The run id of one try of a task: the time at which the try began, and a digest of which it is."""
    of_try = ("dag_id", "run_id", "task_id", "map_index", "try_number")
    named = " ".join(str(getattr(task_instance, name)) for name in of_try)
    began = task_instance.start_date.astimezone(datetime.timezone.utc)
    return f"{began:%Y%m%dT%H%M%SZ}-{hashlib.sha256(named.encode()).hexdigest()[:6]}"


def evening(dag_run: Any) -> str:
    """The league's date of a DAG run: at 01:00 UTC it is still the evening before."""
    moment = dag_run.logical_date or dag_run.run_after
    return str(moment.astimezone(ZoneInfo(LEAGUE_TIME)).date())


def ranges_of(start: str, end: str, days: int) -> list[list[str]]:
    """The options of each range of so many days, the first and the last date included."""
    first, last = datetime.date.fromisoformat(start), datetime.date.fromisoformat(end)
    if first > last:
        raise ValueError(f"start {start} is after end {end}")
    starts = [first + datetime.timedelta(days=before) for before in range(0, (last - first).days + 1, days)]
    ends = [min(one + datetime.timedelta(days=days - 1), last) for one in starts]
    return [["--start", str(one), "--end", str(other)] for one, other in zip(starts, ends, strict=True)]


with DAG(
    "feature_store_daily",
    description="Tonight's games and the corrections of the days before, then a check of tonight's rows",
    schedule=CronTriggerTimetable(EVERY_DAY_AT, timezone=LEAGUE_TIME),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={"date": Param(None, type=["null", "string"], format="date", description="Another evening")},
    user_defined_macros={"evening": evening},
):
    tonight = "{{ params.date or evening(dag_run) }}"
    FeatureStoreJob(task_id="daily", job="daily", options=["--date", tonight]) >> FeatureStoreJob(
        task_id="validate", job="validate", flags=["--strict"], options=["--start", tonight, "--end", tonight]
    )


with DAG(
    "feature_store_backfill",
    description="A back-fill, one range of dates after the other, each checked behind it",
    schedule=None,
    max_active_runs=1,
    default_args=DEFAULTS,
    params={
        "start": Param(type="string", format="date", description="First game date"),
        "end": Param(type="string", format="date", description="Last game date, included"),
        "days": Param(92, type="integer", minimum=1, description="Days of one range"),
    },
):

    @task
    def ranges(params: dict[str, Any] | None = None) -> list[list[str]]:
        """The dates of each batch."""
        assert params is not None
        return ranges_of(params["start"], params["end"], params["days"])

    @task_group
    def one_range(options: list[str]) -> None:
        """A back-fill and the check of what it wrote."""
        FeatureStoreJob(
            task_id="backfill", job="backfill_features", options=options, max_active_tis_per_dagrun=1
        ) >> FeatureStoreJob(task_id="validate", job="validate", flags=["--strict"], options=options)

    one_range.expand(options=ranges())
