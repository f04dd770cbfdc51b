"""Where files are, as a person writes it: a folder of this machine, or the URI of an object store.

The one place that tells the two apart, and knows the schemes; nothing is opened here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from jobs.config.paths import expanded

SCHEMES = ("gs", "s3a", "abfss", "hdfs")
_OTHER_SPELLINGS = {"s3": "s3a"}
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)(.*)", re.DOTALL)
# Delta's readers decode, encode or refuse other characters, each in its own way.
_PLAIN = re.compile(r"[A-Za-z0-9/._-]*")
_AUTHORITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(:\d{1,5})?")
_OF_AZURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*@[A-Za-z0-9.-]+")


@dataclass(frozen=True)
class Uri:
    """A folder of an object store; `authority` is the bucket, of Azure `container@account`, of HDFS the name node."""

    scheme: str
    authority: str
    path: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.bucket, self.path) if part)

    @property
    def bucket(self) -> str:
        """The URI of what holds the folder."""
        return f"{self.scheme}://{self.authority}"


Location = Path | Uri


def is_uri(text: str) -> bool:
    """Whether a text has a scheme; without one it is a folder of this machine."""
    return _URI.match(text) is not None


def location(text: str | Location) -> Location:
    """A folder or a URI, s3:// as s3a://. ValueError for another scheme, and for a URI that holds a credential.

    Such a URI is never part of the message.
    """
    if isinstance(text, Uri) or (found := _URI.fullmatch(str(text))) is None:
        return text if isinstance(text, Uri) else expanded(text)
    scheme, authority, path, behind = found.groups()
    scheme = _OTHER_SPELLINGS.get(scheme.lower(), scheme.lower())
    if scheme == "file":
        return expanded(unquote(path))
    _check(scheme, authority, path, behind)
    return Uri(scheme, authority, re.sub("//+", "/", path).strip("/"))


def _check(scheme: str, authority: str, path: str, behind: str) -> None:
    if scheme not in SCHEMES:
        raise ValueError(
            f"{scheme}:// is no place that tables can be in; take a folder, or a URI of one of "
            f"{', '.join(f'{known}://' for known in SCHEMES)} (s3:// is taken as s3a://)"
        )
    if behind or ("@" in authority and not (scheme == "abfss" and _OF_AZURE.fullmatch(authority))):
        raise ValueError(
            f"a {scheme}:// URI with a user, a password or a query is not taken, since it may hold a credential; leave "
            "that out: credentials come from the platform (application default, instance role, environment)"
        )
    whole = _OF_AZURE if scheme == "abfss" else _AUTHORITY
    if not whole.fullmatch(authority):
        expected = {"abfss": "container@account", "hdfs": "a host"}.get(scheme, "the name of a bucket")
        raise ValueError(f"a {scheme}:// URI begins with {expected}, of letters, digits, '.', '_' and '-'")
    if not _PLAIN.fullmatch(path) or any(part in (".", "..") for part in path.split("/")):
        raise ValueError(f"the path of a {scheme}:// URI is of letters, digits, '/', '.', '_' and '-'")
