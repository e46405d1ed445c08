"""Completion, sourced by the shells that are there."""

import shutil
import subprocess

import pytest

ASK = {
    "bash": """
        source "$1"
        COMP_WORDS=(textgen "$2") COMP_CWORD=1 COMP_LINE="textgen $2" COMP_POINT=${#COMP_LINE}
        function=$(complete -p textgen | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        $function textgen "$2" textgen
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "fish": 'source $argv[1]; complete -C "textgen $argv[2]" | cut -f1',
}


@pytest.mark.parametrize("shell", ASK)
def test_a_shell_completes_commands(textgen, tmp_path, shell):
    if shutil.which(shell) is None:
        pytest.skip(reason=f"needs {shell}")
    script = tmp_path / "_textgen"
    assert textgen("completion", "--shell", shell, "--output", script)[0] == 0
    arguments = [str(script), "re"]
    command = [shell, "-c", ASK[shell], *([] if shell == "fish" else ["-"]), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert {"retrain"} <= set(done.stdout.split()), done.stderr


def test_zsh_is_told_what_it_takes(textgen, tmp_path):
    assert "compinit" in textgen("completion", "--shell", "zsh", "--output", tmp_path / "_textgen")[1]
