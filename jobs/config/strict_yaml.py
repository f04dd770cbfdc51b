"""YAML as settings need it: small, flat, each key once. What is wrong with a text is told without quoting the text."""

from __future__ import annotations

from typing import Any

import yaml

_DEEPEST = 20
_MOST_NODES = 10_000
_LONGEST = 1_000_000


class NotYamlError(ValueError):
    """A text that is no YAML, or more than settings can be; its words are safe to show."""


def parsed(text: str) -> Any:
    """The value of a YAML text; NotYamlError for what is none, for lists and mappings without end, and key twice."""
    if len(text) > _LONGEST:
        raise NotYamlError(f"longer than {_LONGEST:,} characters")
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > _MOST_NODES:
            raise NotYamlError(f"its aliases stand for more than {_MOST_NODES:,} values")
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise NotYamlError(f"{where}{_reason(error)}") from None
    except yaml.YAMLError:
        raise NotYamlError("it has characters that YAML does not allow") from None
    finally:
        if loader is not None:
            loader.dispose()


def _reason(error: yaml.MarkedYAMLError) -> str:
    """What the parser says, without the piece of the text that it quotes."""
    problem = (error.problem or error.context or "it cannot be read").split("'")
    return "".join(problem[::2]).strip().replace("  ", " ")


class _Loader(yaml.SafeLoader):
    """Refuses what is nested too deeply while it is read, before anything follows the nesting."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._depth += 1
        if self._depth > _DEEPEST:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, f"nested more than {_DEEPEST} deep", mark)
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        if len(keys) > len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, "a key stands twice in this mapping", node.start_mark)
        return super().construct_mapping(node, deep)


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for, aliases followed. NotYamlError for one that holds itself."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if known.get(id(node)) == 0:
        raise NotYamlError("an alias stands inside the value that it stands for")
    if id(node) not in known:
        known[id(node)] = 0
        inner = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
        known[id(node)] = 1 + sum(_size(part, known) for part in inner)
    return known[id(node)]
