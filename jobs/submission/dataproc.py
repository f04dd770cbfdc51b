"""Submits a job of the built artifact to Google Dataproc, by `gcloud`: to a cluster, or as a serverless batch.

gcloud uploads the files and waits; its exit code is passed on. No credential is read here. Or prints the batch for
Airflow, which submits it itself.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import click

from jobs.errors import ConfigurationError
from jobs.ledger.run_id import RunIdentity
from jobs.spark.submitted_session import COMMAND
from jobs.submission import settings
from jobs.submission.artifact import Artifact
from jobs.submission.build import artifact_of
from jobs.submission.command import artifact_option, end_as, job_arguments, one_error_each, size_options
from jobs.submission.settings import DataprocSettings
from jobs.submission.travelling import JobSpec, sent_job
from jobs.warehouse.delta.kind import DeltaKind
from jobs.warehouse.kinds import kind_of

_DELIMITERS = "|;#@"
_PACKAGES = "spark.jars.packages"
# A batch on 3.0 would have the credentials of who submits it, whatever account it is given.
_AS_SERVICE_ACCOUNT = "SERVICE_ACCOUNT"


def command(
    place: DataprocSettings,
    artifact: Artifact,
    sent: JobSpec,
    *,
    run_id: str,
    settings_file: Path | None = None,
    partial_ok: bool = False,
    wait: bool = True,
) -> list[str]:
    """What gcloud is told. ConfigurationError for a field that is missing, or that this kind of job does not take."""
    _check(place, sent)
    # In one piece: of archives only executors are promised to find them unpacked, and the driver needs this one.
    files = [str(artifact.packages), *([str(settings_file)] if settings_file else [])]
    kind = "jobs" if place.cluster else "batches"
    told = ["dataproc", kind, "submit", "pyspark", str(artifact.main)]
    told += [f"--project={place.project}", f"--region={place.region}"]
    told += _on_cluster(place) if place.cluster else _serverless(place, run_id)
    told += [f"--py-files={_list([str(artifact.project)])}", f"--files={_list(files)}"]
    labels = _labels(place, sent, run_id)
    told.append(f"--labels={_list(f'{name}={value}' for name, value in labels.items())}")
    told.append(f"--properties={_list(f'{name}={value}' for name, value in _properties(place, sent).items())}")
    told += [] if wait else ["--async"]
    return [*told, "--", *_driver_arguments(sent, run_id, settings_file, partial_ok=partial_ok)]


def batch(
    place: DataprocSettings,
    artifact: Artifact,
    sent: JobSpec,
    folder: str,
    *,
    run_id: str,
    settings_file: Path | None = None,
    partial_ok: bool = False,
) -> dict[str, Any]:
    """The same serverless batch in the words of Dataproc's API, with the artifact's files in a `gs://` folder."""
    _check(place, sent)
    if place.cluster:
        raise ConfigurationError(f"Airflow is given a serverless batch; leave out the cluster {place.cluster}")

    def uri(file: Path) -> str:
        return f"{folder}/{file.name}"

    authentication = {"user_workload_authentication_type": _AS_SERVICE_ACCOUNT} if _says_who(place) else None
    where = {
        "service_account": place.service_account,
        "subnetwork_uri": place.subnet,
        "authentication_config": authentication,
    }
    return {
        "project_id": place.project,
        "region": place.region,
        "run_id": run_id,
        "batch_id": _batch_id(run_id),
        "batch": {
            "pyspark_batch": {
                "main_python_file_uri": uri(artifact.main),
                "args": _driver_arguments(sent, run_id, settings_file, partial_ok=partial_ok),
                "python_file_uris": [uri(artifact.project)],
                "file_uris": [uri(file) for file in (artifact.packages, settings_file) if file],
            },
            "labels": dict(_labels(place, sent, run_id)),
            "runtime_config": {
                "version": place.version,
                "properties": {name: str(value) for name, value in _properties(place, sent).items()},
            },
            "environment_config": {"execution_config": {name: value for name, value in where.items() if value}},
        },
    }


def _batch_id(run_id: str) -> str:
    return f"feature-store-{run_id.lower()}"


def _labels(place: DataprocSettings, sent: JobSpec, run_id: str) -> Mapping[str, str]:
    return {**place.labels, "job": sent.name, "run_id": run_id.lower()}


def _driver_arguments(sent: JobSpec, run_id: str, settings_file: Path | None, *, partial_ok: bool) -> list[str]:
    first = ["--run-id", run_id, *(["--partial-ok"] if partial_ok else [])]
    return [*first, *sent.arguments_elsewhere(settings_file)]


def _on_cluster(place: DataprocSettings) -> list[str]:
    return [f"--cluster={place.cluster}", *([f"--bucket={place.bucket}"] if place.bucket else [])]


def _serverless(place: DataprocSettings, run_id: str) -> list[str]:
    told = [
        f"--batch={_batch_id(run_id)}",
        f"--version={place.version}",
        f"--deps-bucket=gs://{place.bucket}",
    ]
    told += [f"--service-account={place.service_account}"] if place.service_account else []
    told += [f"--user-workload-authentication-type={_AS_SERVICE_ACCOUNT}"] if _says_who(place) else []
    return told + ([f"--subnet={place.subnet}"] if place.subnet else [])


def _says_who(place: DataprocSettings) -> bool:
    return place.service_account is not None and place.version == "3.0"


def _check(place: DataprocSettings, sent: JobSpec) -> None:
    needed = ("project", "region") if place.cluster else ("project", "region", "bucket")
    missing = [name for name in needed if not getattr(place, name)]
    if missing:
        raise ConfigurationError(
            f"Dataproc needs {', '.join(missing)}: give {', '.join('--' + name for name in missing)}, or the same keys "
            "in conf/dataproc.yaml or a file given by --settings"
        )
    if place.cluster and (place.service_account or place.subnet):
        raise ConfigurationError(
            "service_account and subnet are those of a serverless batch; a cluster was made with its own: leave them "
            f"out, or leave out the cluster {place.cluster}"
        )
    if kind_of(sent.settings).is_on_this_machine(sent.settings):
        raise ConfigurationError(
            f"the warehouse {sent.settings.warehouse_path} is a folder of this machine, which Dataproc's machines do "
            "not have: give the job --warehouse-path gs://BUCKET/FOLDER, or --warehouse bigquery"
        )


def _properties(place: DataprocSettings, sent: JobSpec) -> Mapping[str, object]:
    """Connectors are those of the image or runtime; Dataproc's own settings of the executors' number are put aside."""
    executors = place.executors
    return {
        "spark.driver.memory": place.driver_memory,
        "spark.dynamicAllocation.enabled": "false",
        "spark.executor.instances": executors.count,
        "spark.executor.cores": executors.cores,
        "spark.executor.memory": executors.memory,
        "spark.executor.extraJavaOptions": f"-Duser.timezone=UTC {executors.java_options}".strip(),
        COMMAND: _command(place),
        **place.properties,
        **_packages(place, sent),
    }


def _packages(place: DataprocSettings, sent: JobSpec) -> Mapping[str, str]:
    """What the job fetches before it starts, beside what the user's properties name."""
    if sent.settings.warehouse != DeltaKind.name or place.delta == "image":
        return {}
    where: Literal["cluster", "batch"] = "cluster" if place.cluster else "batch"
    package = place.delta_packages.get(where, {}).get(place.version)
    if package is None:
        raise ConfigurationError(
            f"no package with Delta is known for a {where} of version {place.version}: name one in "
            f"delta_packages.{where} of a file given by --settings, or give --delta image"
        )
    return {_PACKAGES: ",".join(filter(None, [package, place.properties.get(_PACKAGES)]))}


def _command(place: DataprocSettings) -> str:
    where = {"project": place.project, "region": place.region, "cluster": place.cluster, "bucket": place.bucket}
    given = " ".join(f"--{name} {value}" for name, value in where.items() if value)
    return f"./spark-submit.sh dataproc {given}"


def _list(values: Any) -> str:
    """A list as gcloud takes it: with another delimiter, which it is told first, where a value has a comma."""
    listed = list(values)
    if not any("," in value for value in listed):
        return ",".join(listed)
    delimiter = next((sign for sign in _DELIMITERS if not any(sign in value for value in listed)), None)
    if delimiter is None:
        raise ConfigurationError(
            f"no delimiter is left for gcloud's list of {', '.join(listed)}; take out one of , | ; # @"
        )
    return f"^{delimiter}^{delimiter.join(listed)}"


@click.command(context_settings={"allow_interspersed_args": False, "max_content_width": 110, "show_default": True})
@click.option("--project", help="The Google Cloud project that the job runs in.")
@click.option("--region", help="Its region.")
@click.option("--cluster", help="A Dataproc cluster; without one the job is a serverless batch.")
@click.option("--bucket", help="The bucket that the artifact is copied to.")
@click.option("--service-account", help="The account that a serverless batch runs as.")
@click.option("--version", type=click.Choice(["2.3", "3.0"]), help="Of the cluster's image or the batch's runtime.")
@click.option("--delta", type=click.Choice(["package", "image"]), help="Where a Delta warehouse has Delta from.")
@click.option("--async", "is_async", is_flag=True, help="Do not wait for the job's end.")
@click.option(
    "--airflow",
    "folder",
    metavar="gs://BUCKET/FOLDER",
    help="Print the batch for conf/airflow/feature_store.py, with the artifact in this folder; run nothing.",
)
@size_options
@artifact_option
@job_arguments
@one_error_each
def main(
    job: str,
    options: Sequence[str],
    settings_path: Path | None,
    artifact: Path | None,
    partial_ok: bool,
    dry_run: bool,
    is_async: bool,
    folder: str | None,
    **given: Any,
) -> None:
    """Run JOB on Google Dataproc, from the built artifact; the exit code is that of gcloud."""
    if folder is not None:
        folder, given["bucket"] = _folder(folder)
    place = settings.load(DataprocSettings, "dataproc", given, settings_path)
    sent = sent_job(job, options)
    _check(place, sent)
    if folder is not None:
        built = artifact_of(artifact, build=not dry_run)
        _print_batch(place, built, sent, folder, partial_ok=partial_ok, dry_run=dry_run)
        return
    gcloud = shutil.which("gcloud")
    if gcloud is None and not dry_run:
        raise ConfigurationError(
            "gcloud was not found: install the Google Cloud CLI, or use --dry-run to see the command"
        )
    built = artifact_of(artifact, build=not dry_run)
    run_id = RunIdentity().run_id
    with sent.settings_file(run_id) as file:
        told = command(place, built, sent, run_id=run_id, settings_file=file, partial_ok=partial_ok, wait=not is_async)
        if dry_run:
            click.echo(shlex.join(["gcloud", *told]))
            if file:
                click.echo(f"# {file.name}:\n{file.read_text()}", nl=False)
            return
        click.echo(f"run {run_id}", err=True)
        code = subprocess.run([str(gcloud), *told], check=False).returncode
    end_as(code)


def _folder(uri: str) -> tuple[str, str]:
    """A `gs://` folder without a slash at its end, and its bucket."""
    if not uri.startswith("gs://"):
        raise ConfigurationError(f"--airflow {uri!r} is not a folder of Cloud Storage; give gs://BUCKET/FOLDER")
    return uri.rstrip("/"), uri.removeprefix("gs://").partition("/")[0]


def _print_batch(
    place: DataprocSettings, artifact: Artifact, sent: JobSpec, folder: str, *, partial_ok: bool, dry_run: bool
) -> None:
    """Prints the batch, and on standard error the command that uploads its files; own settings become one of them."""
    run_id, kept = RunIdentity().run_id, None
    with sent.settings_file(sent.name) as file:
        if file is not None:
            kept = artifact.folder / file.name
            if not dry_run:
                shutil.copy(file, kept)
    told = batch(place, artifact, sent, folder, run_id=run_id, settings_file=kept, partial_ok=partial_ok)
    click.echo(json.dumps(told, indent=2))
    files = [artifact.main, artifact.project, artifact.packages, *([kept] if kept else [])]
    click.echo(f"upload    {shlex.join(['gcloud', 'storage', 'cp', *map(str, files), folder + '/'])}", err=True)


if __name__ == "__main__":
    main(prog_name="./spark-submit.sh dataproc")
