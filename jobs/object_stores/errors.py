"""What object stores say when they cannot be used, and the libraries that reach them, as one line with what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from deltalake.exceptions import DeltaError

from jobs.errors import ConfigurationError

_CAUSES = (
    (
        re.compile(
            r"Status Code: 401|Unauthenticated|Unauthorized|ExpiredToken|InvalidAccessKeyId|invalid_grant|"
            r"SignatureDoesNotMatch|"
            r"[Ii]nvalid [Cc]redential|token (?:is|has) expired|failed to obtain .*credential|CredentialNotFound|"
            r"169\.254\.169\.254|metadata\.google\.internal|Error getting access token|NoAuthWithAWSException|"
            r"No AWS Credentials|credential.{0,40}not (?:loaded|found)"
        ),
        "its credential is missing, wrong or expired; sign in again, or give the process the platform's credential "
        "(application default, instance role, environment)",
    ),
    (
        re.compile(r"Status Code: 403|Forbidden|AccessDenied|Access denied|PermissionDenied|does not have \S+ access"),
        "permission denied; ask the owner of {bucket} for the right to {what} it, or name another place",
    ),
    (
        re.compile(r"NoSuchBucket|specified bucket does not exist|[Bb]ucket \S+ (?:not found|does not exist)"),
        "there is no {bucket}; make it first, or correct the name",
    ),
    (
        re.compile(
            r"Connection refused|[Cc]onnect(?:ion)? error|error trying to connect|error sending request|dns error|"
            r"UnknownHostException|ConnectException|NoRouteToHost|failed to lookup address|timed out|"
            r"HttpHostConnectException|SSLException|SSLHandshakeException"
        ),
        "it does not answer; see the network, and object_stores.{scheme}.endpoint where one is set",
    ),
    (
        re.compile(r"50[0234] (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Timeout)"),
        "it answers that it is not available; give the command again later",
    ),
)


def in_words(text: str, uri: str, what: str = "read and write") -> str | None:
    """What is wrong with a store, by what a library has said; None where that tells nothing of it, and of a folder."""
    if "://" not in uri:
        return None
    bucket = "/".join(uri.split("/")[:3])
    for pattern, sentence in _CAUSES:
        if pattern.search(text):
            return f"{uri}: " + sentence.format(bucket=bucket, what=what, scheme=uri.partition("://")[0])
    return None


@contextmanager
def told(uri: str, what: str = "read and write") -> Iterator[None]:
    """Errors of delta-rs at a store as a ConfigurationError, where they are the store's; others pass."""
    try:
        yield
    except (DeltaError, OSError, ValueError) as error:
        sentence = in_words(_whole_text(error), uri, what)
        if sentence is None:
            raise
        raise ConfigurationError(sentence) from error


def _whole_text(error: BaseException) -> str:
    texts = []
    cause: BaseException | None = error
    while cause is not None:
        texts.append(f"{type(cause).__name__}: {cause}")
        cause = cause.__cause__
    return "\n".join(texts)
