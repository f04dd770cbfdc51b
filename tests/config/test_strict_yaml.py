"""YAML of settings: what is too large, too deep or said twice is refused in words, and quickly."""

from __future__ import annotations

import pytest

from jobs.config.strict_yaml import NotYamlError, parsed

MULTIPLYING = "\n".join(
    ["a0: &a0 [x]"] + [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]" for number in range(1, 9)]
)


def test_plain_values_and_plain_aliases_are_read() -> None:
    assert parsed("a: &dates {2020: x}\nb: *dates\nc: [1, true, null]") == {
        "a": {2020: "x"},
        "b": {2020: "x"},
        "c": [1, True, None],
    }
    assert parsed("") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[" * 5000 + "]" * 5000, "nested more than 20 deep"),
        (
            MULTIPLYING,
            "its aliases stand for more than 10,000 values",
        ),
        ("a: &a [*a]", "an alias stands inside the value that it stands for"),
        ("mode: daily\nmode: backfill", "line 1, column 1: a key stands twice in this mapping"),
        ("a: \x00", "characters that YAML does not allow"),
        ("a: [b", "line 1, column 6: expected"),
        ("x" * 1_000_001, "longer than 1,000,000 characters"),
    ],
)
def test_what_settings_cannot_be_is_refused(text: str, expected: str) -> None:
    with pytest.raises(NotYamlError) as refused:
        parsed(text)
    assert expected in str(refused.value)
