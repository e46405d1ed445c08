"""What generated texts and their model are worth: one file a metric, groups, intervals, held-out text.

metrics       METRICS
scores        SCHEMA
scoring       score_texts
settings      EvaluationOptions, EvaluationSettings
stage         evaluation_key, evaluate
table         Group, MetricsTable
"""
