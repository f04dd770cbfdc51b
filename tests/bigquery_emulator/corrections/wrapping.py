"""How a correction takes hold: it stands around one function of the emulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def around(owner: object, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the decorated function in the place of `owner.name`; it is given that stock function as its first argument.

    AttributeError when the emulator has no such function: it is another version than the one that is pinned.
    """
    stock = getattr(owner, name)

    def replace(corrected: Callable[..., Any]) -> Callable[..., Any]:
        def call(*positional: Any, **named: Any) -> Any:
            return corrected(stock, *positional, **named)

        setattr(owner, name, call)
        return call

    return replace
