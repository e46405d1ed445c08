"""Every error the product raises on purpose.

    TextgenError                exit code 1
    ├── SettingsError           2   an option or a configuration is impossible
    ├── InputError              3   a corpus, seed file or column can't be used
    ├── DatasetError            4   a stage directory is missing, foreign, locked or damaged
    ├── TrainingError           5   training can't go on (NaN, no data)
    └── ServiceError            6   the Prefect server or worker can't be reached or started

Each states the rule, the value received and the way out; the command line prints that and nothing else.
"""

INSTALL = ".venv/uv/bin/uv pip install --python .venv/bin/python"
"""What adds a package to this installation, for remedies."""


class TextgenError(Exception):
    """An error that the user can act on.

    Args:
        rule: what has to hold, as a sentence without a full stop.
        received: what was found instead; name the file and the row where there is one.
        remedy: what to do about it.
    """

    exit_code = 1

    def __init__(self, rule: str, received: object = None, remedy: str | None = None) -> None:
        self.rule = rule
        self.received = received
        self.remedy = remedy
        super().__init__(rule)

    def __str__(self) -> str:
        received = f"; received: {self.received}" if self.received is not None else ""
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{self.rule}{received}{remedy}"


class SettingsError(TextgenError):
    """An option or a configuration is impossible."""

    exit_code = 2


class InputError(TextgenError):
    """A corpus, a seed file or one of its columns can't be used."""

    exit_code = 3


class DatasetError(TextgenError):
    """A stage directory is missing, foreign, locked or damaged."""

    exit_code = 4


class TrainingError(TextgenError):
    """Training can't go on."""

    exit_code = 5


class ServiceError(TextgenError):
    """The Prefect server, its worker or a deployment can't be reached or started."""

    exit_code = 6
