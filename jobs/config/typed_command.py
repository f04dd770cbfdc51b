"""How a person starts jobs here: what usage lines and the advice to resume a run begin with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "PLAYER_FEATURE_STORE_COMMAND"
SCRIPT = "player-feature-store"
_LAUNCHER = "./spark-submit.sh local"


def typed_command() -> str:
    """The command up to the job's name: as the launcher says, else as this process was started."""
    if given := os.environ.get(VARIABLE):
        return given
    started = Path(sys.argv[0])
    if started.name == SCRIPT:
        return SCRIPT
    return "python -m jobs" if started.parts[-2:] == ("jobs", "__main__.py") else _LAUNCHER
