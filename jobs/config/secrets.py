"""How much of a value may be shown to a person: nothing that looks like a secret, and little of what is long.

Knows no setting: it judges keys and values by their looks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

HIDDEN = "not shown"
_LONGEST = 60
_SHORT_WORDS = {"key", "pwd", "pass", "auth", "jwt", "sas", "pin", "pem"}
_LONG_WORDS = (
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "credentials",
    "apikey",
    "authorization",
    "bearer",
    "cookie",
    "signature",
    "private",
)
# What people call them without a sign between the words.
_WHOLE_KEYS = ("accesstoken", "credentialsfile", "privatekey", "apikey", "secretkey")
_SIMILAR = 0.8
_SHORTEST_SIMILAR = 4

# Forms that only credentials have, wherever they stand in a text.
_CREDENTIAL = re.compile(
    r"\b(?:ya29\.[\w.-]+|eyJ[\w-]+\.[\w.-]+|gh[opsur]_\w+|github_pat_\w+|sk-[\w-]{8,}|xox[a-z]-[\w-]+"
    r"|AKIA[A-Z0-9]{8,}|AIza[\w-]{8,})"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.*?-----END [A-Z ]*PRIVATE KEY-----|.*)"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)|(?<=://)(?<!abfss://)[^/\s@]+(?=@)"
    r"|(?i:\b(?:gs|s3a?|abfss?|hdfs)://[^\s'\"?#]*[?#][^\s'\"]+)|(?i:\bbearer\s+)[\w.~+/=-]{6,}"
    r"|(?i:(?<=token=)|(?<=secret=)|(?<=password=)|(?<=passwd=))[^\s&;,'\"]+",
    re.DOTALL,
)
_SHORTEST_RANDOM = 12
_LONGEST_WORD = 32


def shown(value: Any, path: Sequence[Any] = ()) -> str | None:
    """A value as an error message may show it; None where it, or a key of the path to it, looks like a secret.

    Of mappings and lists only their kind is shown: what is in them has keys of its own.
    """
    if any(looks_secret_key(part) or looks_secret(str(part)) for part in path):
        return None
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple, set)):
        return "a list"
    if looks_secret(str(value)):
        return None
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{cut(text)} ({len(str(value)):,} characters)"


def shown_key(path: Sequence[Any]) -> str:
    """The path of keys to a setting, without a secret that somebody wrote as a key."""
    return ".".join("…" if looks_secret(str(part)) else cut(str(part)) for part in path)


def cut(text: str, longest: int = _LONGEST) -> str:
    """A text, shortened where it is long."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def scrubbed(text: str) -> str:
    """A text without the credentials whose form gives them away."""
    return _CREDENTIAL.sub("…", text)


def scrubbed_values(value: Any) -> Any:
    """Mappings and lists whose texts are scrubbed, at whatever depth."""
    if isinstance(value, dict):
        return {name: scrubbed_values(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [scrubbed_values(inner) for inner in value]
    return scrubbed(value) if isinstance(value, str) else value


def looks_secret_key(key: Any) -> bool:
    """Whether a key, misspelt as it may be, names a credential."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", str(key))]
    whole = "".join(words)
    return (
        any(word in _SHORT_WORDS for word in words)
        or any(known in whole for known in _LONG_WORDS)
        or any(_similar(word, known) for word in words for known in _LONG_WORDS)
        or any(_similar(whole, known) for known in _WHOLE_KEYS)
    )


def looks_secret(text: str) -> bool:
    """Whether a value has the form of a credential, or is as random as one."""
    return _CREDENTIAL.search(text) is not None or any(map(_is_random, re.findall(r"[A-Za-z0-9]+", text)))


def _similar(word: str, known: str) -> bool:
    return len(word) >= _SHORTEST_SIMILAR and SequenceMatcher(None, word, known).ratio() >= _SIMILAR


def _is_random(part: str) -> bool:
    """Letters and digits by turns, as no word and no date has them; or longer than a word is."""
    turns = len(re.findall(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", part))
    return len(part) >= _LONGEST_WORD or (len(part) >= _SHORTEST_RANDOM and turns > 1)
