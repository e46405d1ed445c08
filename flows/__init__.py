"""What a user starts: one flow a stage, the pipeline, retraining, the local service, the command line."""

import tasks as tasks  # it sets what Prefect reads when it is imported, so it comes before any import of Prefect
