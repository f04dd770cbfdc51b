"""Signals become one exception, raised where they come and again where a command asks; the second one ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from jobs.cli import signals
from jobs.errors import Interrupted


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (signal.SIGINT, 130, "stopped by Ctrl-C (SIGINT)"),
        (signal.SIGTERM, 143, "stopped by SIGTERM"),
        (signal.SIGHUP, 129, "stopped by SIGHUP"),
    ],
)
def test_a_signal_is_raised_and_raised_again_until_somebody_ends(number: int, code: int, text: str) -> None:
    before = signal.signal(number, signal.default_int_handler)
    try:
        with signals.heard():
            signals.stop_if_asked()
            with pytest.raises(Interrupted) as heard:
                os.kill(os.getpid(), number)
            for _ in range(2):
                with pytest.raises(Interrupted) as again:
                    signals.stop_if_asked()
                assert (str(again.value), again.value.exit_code) == (str(heard.value), code)
            assert str(heard.value) == text
        # It was meant for that command: the next one of this process is asked anew.
        signals.stop_if_asked()
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.heard():
            os.kill(os.getpid(), signal.SIGHUP)
            signals.stop_if_asked()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_second_signal_ends_the_process_at_once() -> None:
    program = """
import os, signal
from jobs.cli import signals
from jobs.errors import Interrupted
signal.signal(signal.SIGINT, signal.default_int_handler)
with signals.heard():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except Interrupted:
        os.kill(os.getpid(), signal.SIGINT)
print("went on")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (130, "")


def test_a_signal_that_is_lost_while_python_cleans_up_is_raised_at_the_next_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Unheard:
        def __del__(self) -> None:
            os.kill(os.getpid(), signal.SIGTERM)

    with signals.heard():
        Unheard()
        with pytest.raises(Interrupted, match="stopped by SIGTERM"):
            signals.stop_if_asked()
    assert capsys.readouterr().err == ""
