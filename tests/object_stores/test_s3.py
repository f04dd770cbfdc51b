"""S3 for tests, as Amazon's own client and delta-rs find it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from deltalake import DeltaTable, write_deltalake

from tests.object_stores.s3 import REGION, FakeS3
from tests.object_stores.server import WRITES

CREDENTIALS = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}


@pytest.fixture
def client(s3: FakeS3) -> Any:
    return boto3.client("s3", endpoint_url=s3.url, region_name=REGION, **CREDENTIALS)


@pytest.fixture
def bucket(s3: FakeS3) -> str:
    return s3.make_bucket("objects")


def refused(response: dict[str, Any]) -> int:
    return int(response["ResponseMetadata"]["HTTPStatusCode"])


def test_a_second_creation_is_refused(client: Any, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="once", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as error:
        client.put_object(Bucket=bucket, Key="once", Body=b"2", IfNoneMatch="*")
    assert refused(error.value.response) == 412
    assert client.get_object(Bucket=bucket, Key="once")["Body"].read() == b"1"


def test_of_many_at_once_one_creates(client: Any, bucket: str) -> None:
    def created(number: int) -> bool:
        try:
            client.put_object(Bucket=bucket, Key="claim", Body=str(number).encode(), IfNoneMatch="*")
        except ClientError as error:
            return refused(error.response) != 412
        return True

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number, won in enumerate(pool.map(created, range(64))) if won]
    assert [str(number).encode() for number in winners] == [
        client.get_object(Bucket=bucket, Key="claim")["Body"].read()
    ]


def test_delta_rs_writes_and_reads_a_table(s3: FakeS3, bucket: str) -> None:
    options = {**CREDENTIALS, "aws_endpoint_url": s3.url, "aws_region": REGION, "allow_http": "true"}
    table, before = f"s3://{bucket}/table", len(s3.requests())
    for _ in range(3):
        write_deltalake(table, pa.table({"a": [1, 2]}), mode="append", storage_options=options)
    found = DeltaTable(table, storage_options=options)
    assert (found.version(), found.to_pyarrow_table().num_rows) == (2, 6)
    # A data file and a commit each.
    assert s3.counted(before)["put"] == 6


def test_a_bucket_that_is_read_only(s3: FakeS3, client: Any, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="there", Body=b"1")
    with s3.refusing(403, WRITES):
        assert client.get_object(Bucket=bucket, Key="there")["Body"].read() == b"1"
        with pytest.raises(ClientError, match="AccessDenied"):
            client.put_object(Bucket=bucket, Key="there", Body=b"2")
    client.put_object(Bucket=bucket, Key="there", Body=b"2")
