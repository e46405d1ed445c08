"""One task a stage: one call of the core's function, its progress and its artifacts.

artifacts     publish_page
comparison    of_comparison
delivery      deliver
evaluation    evaluate
frontier      refer, summarize
generation    generate
ingestion     ingest
policy        FLOW
progress      also_drawn_by
reporting     report
retraining    challenge
seeding       seed
tokenization  tokenize
training      train
"""

import os

ENVIRONMENT = {
    # Importing Prefect in a terminal would report the first import to its maker, and the server would report itself.
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # What the core logs belongs to the run that called it, but the core is also called outside of any run.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "textgen_core",
    "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
    # A run whose process died is noticed by its missing heartbeat; 30 seconds is the shortest that Prefect allows.
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
}
"""Prefect reads these when it is imported, so they are set before. What the user has set stays."""

for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
