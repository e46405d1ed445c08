"""Progress on stderr: a log gets few lines, the last update is always drawn."""

import io

from flows.cli.progress import Terminal
from textgen_core.progress import Update


def test_a_log_gets_the_first_and_the_last_update_and_nothing_for_every_step():
    stream = io.StringIO()
    draw = Terminal(stream)
    for step in range(1001):
        draw(Update("training", step, 1000, "steps"))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert "1,000/1,000" in lines[-1]
