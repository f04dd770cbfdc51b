"""What a server of object stores says of each request, and what kind of request that was."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

_LINE = re.compile(r"request ([A-Z]+) (\d{3}) (\S+)")
_JSON_API = re.compile(r"/(?:upload/|download/)?storage/v1/b/(?P<bucket>[^/]+)(?:/o(?:/(?P<object>.+))?)?/?")
_XML_API = re.compile(r"/(?P<bucket>[^/]+)(?:/(?P<object>.+))?/?")

LIST, GET, HEAD, PUT, DELETE, START = "list", "get", "head", "put", "delete", "start upload"
KINDS_OF_METHOD = {"GET": GET, "HEAD": HEAD, "PUT": PUT, "DELETE": DELETE}


@dataclass(frozen=True)
class Request:
    """One request as the server saw it."""

    method: str
    status: int
    uri: str

    @property
    def kind(self) -> str:
        """What it asked for, in whichever API."""
        path, asked = urlsplit(self.uri).path, self._query
        if path.startswith("/batch/"):
            return "batch"
        if (asked.get("uploadType") == "resumable" and self.method == "POST") or "uploads" in asked:
            return START
        if path.startswith("/upload/"):
            return PUT
        for copied in ("rewriteTo", "copyTo", "compose"):
            if f"/{copied}" in path and self.method == "POST":
                return copied
        if "delete" in asked:
            return DELETE
        if "uploadId" in asked and self.method == "POST":
            return "complete upload"
        return self._kind_of_read() if self.method == "GET" else KINDS_OF_METHOD.get(self.method, self.method)

    def _kind_of_read(self) -> str:
        if not self.object:
            return LIST if self._lists else HEAD
        of_json = urlsplit(self.uri).path.startswith("/storage/")
        return HEAD if of_json and self._query.get("alt") != "media" else GET

    @property
    def _lists(self) -> bool:
        path = urlsplit(self.uri).path
        return not path.startswith("/storage/") or path.rstrip("/").endswith("/o")

    @property
    def object(self) -> str:
        """The name of the object; empty where it is not in the URI."""
        path = urlsplit(self.uri).path
        found = (_JSON_API if "/storage/v1" in path else _XML_API).fullmatch(path)
        named = (found and found["object"]) or self._query.get("name", "")
        return unquote(named)

    @property
    def _query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.uri).query, keep_blank_values=True).items()}


def logged_requests(lines: Iterable[str]) -> list[Request]:
    """The requests among the lines of a log, in their order."""
    found = (_LINE.match(line) for line in lines)
    return [Request(line[1], int(line[2]), line[3]) for line in found if line]


def by_kind(requests: Iterable[Request]) -> Counter[str]:
    """How many of each kind."""
    return Counter(request.kind for request in requests)
