"""What kind of request a line of a log is, in both APIs of Cloud Storage and in that of S3."""

from __future__ import annotations

import pytest

from tests.object_stores.request_log import Request, by_kind, logged_requests

JSON = "/storage/v1/b/store"


@pytest.mark.parametrize(
    ("method", "uri", "kind", "name"),
    [
        ("GET", f"{JSON}/o?prefix=a%2F&delimiter=%2F", "list", ""),
        ("GET", f"{JSON}/o/a%2Fb.json", "head", "a/b.json"),
        ("GET", f"{JSON}/o/a%2Fb.json?alt=media", "get", "a/b.json"),
        ("GET", f"/download{JSON}/o/a%2Fb.json?alt=media", "get", "a/b.json"),
        ("GET", JSON, "head", ""),
        ("POST", f"/upload{JSON}/o?uploadType=multipart&ifGenerationMatch=0&name=a", "put", "a"),
        ("POST", f"/upload{JSON}/o?uploadType=resumable&name=a", "start upload", "a"),
        ("PUT", f"/upload{JSON}/o?uploadType=resumable&name=a&upload_id=7", "put", "a"),
        ("POST", f"{JSON}/o/a/rewriteTo/b/store/o/c", "rewriteTo", "a/rewriteTo/b/store/o/c"),
        ("DELETE", f"{JSON}/o/a", "delete", "a"),
        ("POST", "/batch/storage/v1", "batch", ""),
        ("GET", "/store?list-type=2&prefix=a", "list", ""),
        ("GET", "/store/a/b%3Dc.parquet", "get", "a/b=c.parquet"),
        ("HEAD", "/store/a", "head", "a"),
        ("PUT", "/store/a", "put", "a"),
        ("DELETE", "/store/a", "delete", "a"),
        ("POST", "/store?delete", "delete", ""),
        ("POST", "/store/a?uploads", "start upload", "a"),
        ("PUT", "/store/a?partNumber=1&uploadId=7", "put", "a"),
        ("POST", "/store/a?uploadId=7", "complete upload", "a"),
    ],
)
def test_the_kind_and_the_object(method: str, uri: str, kind: str, name: str) -> None:
    request = Request(method, 200, uri)
    assert (request.kind, request.object) == (kind, name)


def test_other_lines_of_a_log_are_passed_over() -> None:
    lines = ["server started", "request PUT 412 /store/a", "request GET 200 /store/a", ""]
    assert logged_requests(lines) == [Request("PUT", 412, "/store/a"), Request("GET", 200, "/store/a")]
    assert by_kind(logged_requests(lines)) == {"put": 1, "get": 1}
