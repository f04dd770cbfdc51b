"""The layers that settings are made of: files, the environment, options; and in which of them a wrong entry stands.

Knows no setting of its own: which there are is told by a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_origin

from pydantic import BaseModel

from jobs.config.secrets import shown, shown_key
from jobs.config.strict_yaml import NotYamlError, parsed
from jobs.errors import ConfigurationError

if TYPE_CHECKING:
    from importlib.abc import Traversable

ENVIRONMENT_PREFIX = "FEATURE_STORE_"
ENVIRONMENT = "the environment"
_TEST_PREFIX = "FEATURE_STORE_TEST_"

Layer = tuple[str, Mapping[str, Any]]
"""Where settings stand, in words, and the settings."""


def read_file(path: Path | Traversable) -> dict[str, Any]:
    """The keys of a YAML file; ConfigurationError when it cannot be read or has none."""
    try:
        content = parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"configuration {path}: {error.strerror or error}; give an existing file") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"configuration {path}: not YAML: byte {error.start} is not UTF-8") from None
    except NotYamlError as error:
        raise ConfigurationError(f"configuration {path}: not YAML: {error}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigurationError(f"configuration {path}: expected keys with values, found {type(content).__name__}")
    return content


def from_environment(environment: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """The settings that variables give: mappings and lists as YAML, all else as text that the model gives its type.

    An empty variable is not given. ConfigurationError for a mapping or list that is no YAML.
    """
    found: dict[str, Any] = {}
    for name in sorted(environment):
        text = environment[name]
        if not name.startswith(ENVIRONMENT_PREFIX) or name.startswith(_TEST_PREFIX) or not text.strip():
            continue
        *parents, key = path = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        place = found
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise ConfigurationError(
                    f"configuration in the environment: {name} is a part of an option that has a value too; unset one"
                )
        try:
            place[key] = parsed(text) if _has_parts(model, path) else text
        except NotYamlError as error:
            raise ConfigurationError(
                f"configuration in the environment: {name} is not a YAML value: {error}; write it as {{key: value}}"
            ) from None
    return found


def overlaid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """A layer of settings over another one."""
    merged = dict(below)
    for name, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(name), dict)
        merged[name] = overlaid(below[name], value) if both else value
    return merged


def merged_layers(layers: Iterable[Layer]) -> dict[str, Any]:
    """All layers in one, the later over the earlier."""
    merged: dict[str, Any] = {}
    for _, layer in layers:
        merged = overlaid(merged, layer)
    return merged


def explained(problem: Any, layers: Sequence[Layer], model: type[BaseModel]) -> str:
    """One line for what pydantic says of a setting of this model, with the layer that it stands in."""
    path = [part for part in problem["loc"] if part != "[key]"]
    message = problem["msg"].removeprefix("Value error, ")
    if not path:
        return f"configuration: {message}"
    origin = next((name for name, layer in reversed(layers) if _stands_in(layer, path)), layers[0][0])
    if origin == ENVIRONMENT:
        message += f" (variable {ENVIRONMENT_PREFIX}{'__'.join(map(str, path)).upper()})"
    name, value = shown_key(path), shown(problem["input"], path)
    if problem["type"] == "extra_forbidden":
        known = sorted(_model_at(model, path[:-1]).model_fields)
        near = get_close_matches(str(path[-1]), known, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        told = "not shown" if value is None else value
        return (
            f"configuration in {origin}: unknown option {name!r} (value {told}){meant}; known here: {', '.join(known)}"
        )
    if problem["type"] == "value_error" and isinstance(problem["input"], Mapping):
        # The message of a mapping's own check names the entry that is wrong.
        return f"configuration in {origin}: {name}: {message}"
    if value is None:
        return f"configuration in {origin}: {name} is wrong (its value is not shown): {message}"
    return f"configuration in {origin}: {name} is {value}: {message}"


def _stands_in(layer: Any, path: Sequence[Any]) -> bool:
    for part in path:
        if not isinstance(layer, Mapping):
            return True
        if part not in layer:
            return False
        layer = layer[part]
    return True


def _model_at(model: Any, path: Sequence[Any]) -> Any:
    """The type of a setting; None of one that the model does not have."""
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            model = model.model_fields[part].annotation
        else:
            return None
    return model


def _has_parts(model: type[BaseModel], path: Sequence[str]) -> bool:
    """Whether a setting is a mapping or a list."""
    found = _model_at(model, path)
    return get_origin(found) in (dict, list, tuple) or (isinstance(found, type) and issubclass(found, BaseModel))
