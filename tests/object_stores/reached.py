"""Folders of the Cloud Storage of the tests, as jobs open them: by settings, by delta-rs, and by the suite's Spark."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from pyspark.sql import SparkSession

from jobs.config.locations import Uri
from jobs.config.object_stores import ObjectStores
from jobs.object_stores import schemes
from jobs.object_stores.folders import opened, relative
from jobs.object_stores.store_path import StorePath
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.s3 import REGION, FakeS3
from tests.object_stores.server import SECONDS

CREDENTIAL = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
"""Of the environment: the S3 of the tests takes any, and needs one."""
_HADOOP = "spark.hadoop."


def options(gcs: FakeGcs) -> dict[str, Any]:
    """What a configuration says of the server."""
    return {"gs": {"endpoint": gcs.url, "anonymous": True}}


def s3_options(s3: FakeS3) -> dict[str, Any]:
    """The same of an S3, of which the tests write with one driver of Spark at a time."""
    log_store = "io.delta.storage.S3SingleDriverLogStore"
    return {"s3a": {"endpoint": s3.url, "region": REGION, "log_store": log_store}}


def new_folder(gcs: FakeGcs, spark: SparkSession | None = None) -> StorePath:
    """A folder that nobody else knows; reached by this session too."""
    uri, stores = Uri("gs", gcs.make_bucket("warehouses"), uuid4().hex), ObjectStores.model_validate(options(gcs))
    if spark is not None:
        told = schemes.spark_settings([uri], stores)
        for name, value in ((name, told[name]) for name in told if name.startswith(_HADOOP)):
            spark._jsc.hadoopConfiguration().set(name.removeprefix(_HADOOP), value)
    folder = opened(uri, stores)
    assert isinstance(folder, StorePath)
    return folder


def put(gcs: FakeGcs, file: StorePath, content: bytes) -> None:
    """Writes an object, as another program would."""
    path = str(file).removeprefix("gs://")
    requests.put(f"{gcs.url}/{path}", data=content, timeout=SECONDS).raise_for_status()


def upload(gcs: FakeGcs, folder: Path, to: StorePath) -> None:
    """Copies a folder of this machine."""
    for file in folder.rglob("*"):
        if file.is_file():
            put(gcs, to / file.relative_to(folder).as_posix(), file.read_bytes())


def download(folder: StorePath, to: Path) -> Path:
    """Copies a folder to this machine, and gives the copy."""
    for file in folder.rglob("*"):
        here = to / relative(file, folder)
        here.parent.mkdir(parents=True, exist_ok=True)
        here.write_bytes(file.read_bytes())
    return to
