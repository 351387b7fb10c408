"""Commands that are read when somebody asks for them: to read them all takes longer than most of them take to run."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class LateGroup(TyperGroup):
    """A group whose commands are in modules, each with a Typer by the name of `app`.

    `modules` says for each name where it is. The first Typer has a name where it is a group of commands; the commands
    of further ones then belong to it too. Without a name it only holds the command that is asked for, and others.
    """

    modules: ClassVar[Mapping[str, tuple[str, ...]]]

    def __init__(self, **attributes: Any) -> None:
        """Take what every group of Typer takes, and know the commands by their names alone."""
        super().__init__(**attributes)
        self.commands = {name: TyperCommand(name) for name in self.modules}

    def get_command(self, ctx: object, cmd_name: str) -> Any:  # noqa: ARG002 (as the class that it overrides has it)
        """Return a command or a group, read now; None where there is none of this name."""
        if cmd_name not in self.modules:
            return None
        group, *others = (get_group(import_module(module).app) for module in self.modules[cmd_name])
        for other in others:
            group.commands.update(other.commands)
        return group if group.name else group.commands[cmd_name]
