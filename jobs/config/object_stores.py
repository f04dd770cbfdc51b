"""How object stores are reached, by scheme. Credentials are not among it: they come from the platform."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from jobs.config.secrets import looks_secret, looks_secret_key, shown

_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/?")
_CLASS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def _endpoint(endpoint: str | None) -> str | None:
    if endpoint is not None and not _ENDPOINT.fullmatch(endpoint):
        raise ValueError("expected http://host:port or https://host")
    return endpoint if endpoint is None else endpoint.rstrip("/")


def _properties(properties: dict[str, str]) -> dict[str, str]:
    for name, value in properties.items():
        # The name of a class, which finds credentials, is none.
        if not _CLASS.fullmatch(value) and (looks_secret_key(name) or looks_secret(value)):
            raise ValueError(
                "one of these properties looks like a credential; leave it out: credentials come from the platform "
                "(application default, instance role, environment)"
            )
        if not name.startswith("fs."):
            raise ValueError(f"{shown(name)} is no property of a file system: they begin with fs.")
    return properties


def _log_store(name: str | None) -> str | None:
    if name is not None and not _CLASS.fullmatch(name):
        raise ValueError("expected the name of a class, such as io.delta.storage.S3DynamoDBLogStore")
    return name


class Store(BaseModel):
    """What any object store can be told: another endpoint, and properties for Hadoop's file system (`fs....`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    endpoint: Annotated[str | None, AfterValidator(_endpoint)] = None
    hadoop: Annotated[dict[str, str], AfterValidator(_properties)] = {}


class GoogleStore(Store):
    """Google Cloud Storage; `anonymous` for public buckets, which nobody needs a credential for."""

    anonymous: bool = False


class S3Store(Store):
    """S3 and stores that speak like it; `log_store` is the class by which Spark's commits there exclude each other."""

    region: str | None = None
    log_store: Annotated[str | None, AfterValidator(_log_store)] = None


class ObjectStores(BaseModel):
    """The options of each scheme."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gs: GoogleStore = Field(default_factory=lambda: GoogleStore.model_validate({}))
    s3a: S3Store = Field(default_factory=lambda: S3Store.model_validate({}))
    abfss: Store = Field(default_factory=lambda: Store.model_validate({}))
    hdfs: Store = Field(default_factory=lambda: Store.model_validate({}))
