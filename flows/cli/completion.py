"""``textgen completion``: commands and flags completed by the shell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.completion.detect import ShellDetectionError

from flows.cli.common import Common
from flows.cli.output import print_json, say
from textgen_core.errors import SettingsError

# In the order in which cyclopts names them: typing gives whichever of two equal unions was made first.
Shell = Literal["zsh", "bash", "fish", "powershell"]


def completion(
    *,
    shell: Shell | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    show: Annotated[bool, Parameter(name="--print", negative=(), show_default=False)] = False,
    common: Common | None = None,
) -> int:
    """Install completion of commands and flags in a shell.

    Args:
        shell: The shell; found out if left out.
        output: File to write, instead of the place where the shell looks; its start-up file is then left alone.
        show: Print the script and install nothing.
    """
    from flows.cli.app import app

    try:
        if show:
            print(app.generate_completion(shell=shell))
            return 0
        path = app.install_completion(shell=shell, output=output, add_to_startup=output is None)
    except ShellDetectionError:
        raise SettingsError(
            "the shell must be one that completes", "a process that no such shell has started", "Name it: --shell bash"
        ) from None
    if common and common.json:
        print_json({"installed": path})
    else:
        say(f"Installed {path}. It works in every new shell.")
        if shell == "zsh" or (shell is None and path.name.startswith("_")):  # as only zsh names them
            say("In zsh it takes, at the end of ~/.zshrc: autoload -Uz compinit && compinit")
    return 0
