"""``python -m flows.cli`` is ``textgen``."""

from flows.cli import main

main()
