"""What each scheme needs to be reached: options of delta-rs, properties of Spark, the package with its file system.

Credentials are nobody's option here: both libraries find those of the platform by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from jobs.config.locations import Location, Uri
from jobs.config.object_stores import ObjectStores, Store
from jobs.errors import ConfigurationError

_SINGLE_DRIVER = "io.delta.storage.S3SingleDriverLogStore"
_DYNAMODB = "io.delta.storage.S3DynamoDBLogStore"
_ATTEMPTS = {"max_retries": "5", "retry_timeout": "60s"}
# A probe that waits longer tells nothing more.
QUICKLY = {"max_retries": "1", "retry_timeout": "5s", "timeout": "10s", "connect_timeout": "5s"}


def delta_options(scheme: str, stores: ObjectStores) -> dict[str, str]:
    """How delta-rs reaches a store."""
    store: Store = getattr(stores, scheme)
    options = dict(_ATTEMPTS)
    if scheme == "gs":
        options |= {"google_base_url": store.endpoint} if store.endpoint else {}
        options |= {"google_service_account_key": _nobody(store.endpoint)} if stores.gs.anonymous else {}
    elif scheme == "s3a":
        options |= {"aws_endpoint_url": store.endpoint} if store.endpoint else {}
        options |= {"aws_region": stores.s3a.region} if stores.s3a.region else {}
    elif scheme == "abfss":
        options |= {"azure_storage_endpoint": store.endpoint} if store.endpoint else {}
    if (store.endpoint or "").startswith("http://"):
        options["allow_http"] = "true"
    return options


def _nobody(endpoint: str | None) -> str:
    """An account by which delta-rs asks for no token, neither to read nor to write."""
    told = {"client_email": "", "private_key": "", "private_key_id": "", "disable_oauth": True}
    return json.dumps({**told, **({"gcs_base_url": endpoint} if endpoint else {})})


def spark_settings(locations: Iterable[Location | None], stores: ObjectStores) -> dict[str, str]:
    """What Spark is told to reach these locations; nothing for folders of this machine."""
    needed = schemes_of(locations)
    # Delta's sum of each commit is written under another name and copied, three requests for what nobody here reads.
    found = {"spark.databricks.delta.writeChecksumFile.enabled": "false"} if needed else {}
    for scheme in needed:
        store: Store = getattr(stores, scheme)
        hadoop = {**_HADOOP.get(scheme, {}), **_endpoint(scheme, stores), **store.hadoop}
        found |= {f"spark.hadoop.{name}": value for name, value in hadoop.items()}
        if scheme == "s3a" and stores.s3a.log_store:
            found |= {f"spark.delta.logStore.{name}.impl": stores.s3a.log_store for name in ("s3", "s3a")}
    return found


def packages(locations: Iterable[Location | None], known: dict[str, str]) -> dict[str, str]:
    """The packages with the file systems of these locations, by scheme; Spark itself has that of HDFS."""
    needed = [scheme for scheme in schemes_of(locations) if scheme != "hdfs"]
    if missing := [scheme for scheme in needed if scheme not in known]:
        raise ConfigurationError(
            f"no package for {missing[0]}:// is known for this Spark; name one in engine.packages.{missing[0]} (for "
            f"Spark 4.1 in engine.packages_spark41.{missing[0]})"
        )
    return {scheme: known[scheme] for scheme in needed}


def schemes_of(locations: Iterable[Location | None]) -> list[str]:
    """The schemes of the URIs among these, each once."""
    return list(dict.fromkeys(found.scheme for found in locations if isinstance(found, Uri)))


def check_log_store(warehouse: Location, stores: ObjectStores) -> None:
    """ConfigurationError for a warehouse on S3 of which nobody has said how Spark's commits there exclude each other.

    Hadoop's S3 file system creates no object on condition that there is none, so that of two drivers that commit at
    once one could overwrite the other's commit; Delta's log stores for S3 differ in what they do about it.
    """
    if isinstance(warehouse, Uri) and warehouse.scheme == "s3a" and stores.s3a.log_store is None:
        raise ConfigurationError(
            f"{warehouse}: Spark cannot commit safely to a Delta table on S3 unless it is told how: name a log store "
            f"in object_stores.s3a.log_store: {_DYNAMODB} (several drivers; with io.delta:delta-storage-s3-dynamodb) "
            f"or {_SINGLE_DRIVER}, where never two drivers write at once"
        )


_HADOOP = {
    "gs": {
        "fs.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem",
        "fs.AbstractFileSystem.gs.impl": "com.google.cloud.hadoop.fs.gcs.GoogleHadoopFS",
    },
    "s3a": {"fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem"},
}


def _endpoint(scheme: str, stores: ObjectStores) -> dict[str, str]:
    endpoint = getattr(stores, scheme).endpoint
    if scheme == "gs":
        found = {"fs.gs.storage.root.url": f"{endpoint}/"} if endpoint else {}
        if stores.gs.anonymous:
            found |= {"fs.gs.auth.service.account.enable": "false", "fs.gs.auth.null.enable": "true"}
        return found
    if scheme == "s3a":
        found = {"fs.s3a.endpoint.region": stores.s3a.region} if stores.s3a.region else {}
        if endpoint:
            found |= {
                "fs.s3a.endpoint": endpoint,
                "fs.s3a.path.style.access": "true",
                "fs.s3a.connection.ssl.enabled": str(endpoint.startswith("https")).lower(),
            }
        return found
    return {}
