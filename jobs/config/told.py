"""What a setting says of itself beside its type: its option on the command line, and whether it is a run's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Group = Literal["policy", "writing", "warehouse"]


@dataclass(frozen=True)
class Told:
    """Stands in a field's `Annotated`.

    With `help` the setting has an option of its name, in a group of `--help`; `of_run` says that it decides what a run
    writes, so that `--resume` takes it from the run.
    """

    help: str = ""
    group: Group = "writing"
    of_run: bool = False


@dataclass(frozen=True)
class OptionSetting:
    """A setting that has an option: the path of keys to it, and its field."""

    path: tuple[str, ...]
    field: FieldInfo
    told: Told

    @property
    def name(self) -> str:
        """The option's name, which is the setting's."""
        return self.path[-1]


def option_settings(model: type[BaseModel], parents: tuple[str, ...] = ()) -> Iterator[OptionSetting]:
    """The settings of a model that have an option, those of its parts included, in their order."""
    for name, field in model.model_fields.items():
        told = _told(field)
        if told is not None and told.help:
            yield OptionSetting((*parents, name), field, told)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from option_settings(field.annotation, (*parents, name))


def settings_of_a_run(model: type[BaseModel]) -> list[str]:
    """The names of the settings that decide what a run writes."""
    return [name for name, field in model.model_fields.items() if (told := _told(field)) is not None and told.of_run]


def taken_from(model: type[BaseModel], options: Mapping[str, Any]) -> dict[str, Any]:
    """The settings among the options of a command line, nested as the model has them, without those not given."""
    taken: dict[str, Any] = {}
    for setting in option_settings(model):
        if options.get(setting.name) is not None:
            place = taken
            for parent in setting.path[:-1]:
                place = place.setdefault(parent, {})
            place[setting.name] = options[setting.name]
    return taken


def _told(field: FieldInfo) -> Told | None:
    return next((entry for entry in field.metadata if isinstance(entry, Told)), None)
