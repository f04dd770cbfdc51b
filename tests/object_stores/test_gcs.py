"""Cloud Storage for tests, as google's own client, delta-rs and a plain HTTP request find it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest
import requests
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import Forbidden, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Bucket, Client

from tests.object_stores import build
from tests.object_stores.gcs import FakeGcs
from tests.object_stores.server import WRITES

ROWS = pa.table({"a": [1, 2]})


@pytest.fixture
def bucket(gcs: FakeGcs) -> Bucket:
    client = Client("test", AnonymousCredentials(), client_options=ClientOptions(api_endpoint=gcs.url))  # type: ignore[no-untyped-call]
    return client.bucket(gcs.make_bucket("objects"))


@pytest.fixture
def options(gcs: FakeGcs) -> dict[str, str]:
    # With `google_skip_signature` delta-rs reads without a token, and asks for one to write.
    key = {"gcs_base_url": gcs.url, "disable_oauth": True, "client_email": "", "private_key": "", "private_key_id": ""}
    return {"google_service_account_key": json.dumps(key), "allow_http": "true"}


@pytest.fixture
def table(gcs: FakeGcs, request: pytest.FixtureRequest) -> str:
    return f"gs://{gcs.make_bucket('tables')}/{request.node.name}"


@pytest.mark.parametrize("size", [1, 20 << 20], ids=["in one request", "in pieces"])
def test_a_second_creation_is_refused(bucket: Bucket, size: int) -> None:
    blob = bucket.blob(f"once-{size}")
    blob.upload_from_string(b"1" * size, if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"2" * size, if_generation_match=0)
    assert blob.download_as_bytes() == b"1" * size


def test_a_second_creation_is_refused_in_the_other_api(gcs: FakeGcs) -> None:
    url = f"{gcs.url}/{gcs.make_bucket('objects')}/folder/once=1.json"
    only_new = {"x-goog-if-generation-match": "0"}
    first = requests.put(url, b"1", headers=only_new, timeout=9)
    assert (first.status_code, first.headers["x-goog-generation"].isdigit()) == (200, True)
    assert requests.put(url, b"2", headers=only_new, timeout=9).status_code == 412
    assert requests.get(url, timeout=9).content == b"1"
    assert requests.put(url, b"3", timeout=9).status_code == 200
    assert requests.get(url, timeout=9).content == b"3"


def test_of_many_at_once_one_creates(bucket: Bucket) -> None:
    def created(number: int) -> bool:
        try:
            bucket.blob("claim").upload_from_string(str(number), if_generation_match=0)
        except PreconditionFailed:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        winners = [number for number, won in enumerate(pool.map(created, range(64))) if won]
    assert [str(number) for number in winners] == [bucket.blob("claim").download_as_text()]


def test_delta_rs_writes_and_reads_a_table(table: str, options: dict[str, str]) -> None:
    for _ in range(3):
        write_deltalake(table, ROWS, mode="append", storage_options=options)
    found = DeltaTable(table, storage_options=options)
    assert (found.version(), found.to_pyarrow_table().num_rows) == (2, 6)


def test_of_two_commits_of_one_version_the_second_is_refused(table: str, options: dict[str, str]) -> None:
    write_deltalake(table, ROWS, storage_options=options)
    before = DeltaTable(table, storage_options=options)
    write_deltalake(table, ROWS, mode="overwrite", storage_options=options)
    with pytest.raises(CommitFailedError):
        before.delete("a = 1")
    assert DeltaTable(table, storage_options=options).version() == 1


def test_requests_are_counted_by_kind(gcs: FakeGcs, bucket: Bucket) -> None:
    before = len(gcs.requests())
    bucket.blob("a").upload_from_string("1")
    bucket.blob("a").download_as_bytes()
    assert [blob.name for blob in bucket.list_blobs(prefix="a")] == ["a"]
    bucket.blob("a").delete()
    counted = gcs.counted(before)
    # The client looks at the bucket when it likes.
    del counted["head"]
    assert counted == {"put": 1, "get": 1, "list": 1, "delete": 1}


def test_a_bucket_that_is_read_only(gcs: FakeGcs, bucket: Bucket, table: str, options: dict[str, str]) -> None:
    bucket.blob("there").upload_from_string("1")
    with gcs.refusing(403, WRITES):
        assert bucket.blob("there").download_as_text() == "1"
        with pytest.raises(Forbidden):
            bucket.blob("there").upload_from_string("2")
        with pytest.raises(DeltaError, match="403"):
            write_deltalake(table, ROWS, storage_options=options)
    bucket.blob("there").upload_from_string("2")


def test_a_bucket_that_is_not_there(gcs: FakeGcs) -> None:
    assert requests.get(f"{gcs.url}/nowhere?list-type=2", timeout=9).status_code == 404
    assert requests.get(f"{gcs.url}/storage/v1/b/nowhere", timeout=9).status_code == 404
    assert requests.put(f"{gcs.url}/nowhere/a", b"1", timeout=9).status_code == 404


@pytest.fixture
def no_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "USUAL_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_go")
def test_without_go_it_is_said_what_is_left_out() -> None:
    with pytest.raises(build.GoIsMissing, match=r"no go on the path.*gs://\) is left out"):
        build.go()
