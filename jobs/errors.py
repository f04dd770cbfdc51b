"""The errors that a person can act on, each with the exit code of the process.

An error's text names the table, column and value, and what to do; anything else that is raised is a defect.
"""

from __future__ import annotations

import signal
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process answers to whoever started it."""

    DONE = 0
    UNEXPECTED = 1
    WRONG_INPUT = 2
    PARTIAL = 3
    REFUSED = 4


class JobError(Exception):
    """An error with a message for the person who started the job."""

    exit_code = ExitCode.UNEXPECTED


class SparkError(JobError):
    """Spark failed for a reason that no check saw coming; the text is that reason in one line."""


class ConfigurationError(JobError):
    """Arguments or configuration are wrong; nothing was written."""

    exit_code = ExitCode.WRONG_INPUT


class ContractError(JobError):
    """A table is absent, empty, or not of the columns and types of its contract; nothing was written."""

    exit_code = ExitCode.WRONG_INPUT


class VerificationError(JobError):
    """What was staged is not what was planned; the target is untouched."""


class AccountingError(JobError):
    """The rows of the plan and the rows by outcome do not add up."""


class LeakageError(JobError):
    """Rows may have seen the games that they predict; nothing was written."""

    exit_code = ExitCode.PARTIAL


class RefusedError(JobError):
    """Another run holds these dates, or has written them since; nothing was written."""

    exit_code = ExitCode.REFUSED


class Interrupted(BaseException):
    """A signal has asked the process to stop; `exit_code` is what a shell gives for it: 128 and the signal's number.

    No Exception, as KeyboardInterrupt is none: py4j would take it for a lost connection, and try again.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {_SIGNALS.get(number, signal.Signals(number).name)}")
        self.exit_code = 128 + number


_SIGNALS: dict[int, str] = {signal.SIGINT: "Ctrl-C (SIGINT)"}
