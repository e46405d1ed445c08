"""What generated texts and their model are worth: one file a metric, groups, intervals, held-out text.

metrics       METRICS
rarefied      Occurrences, Rarefied, read_occurrences, distinct_of_like_size
reading       ModelReader
scores        SCHEMA
scoring       score_texts, token_logprobs
settings      EvaluationOptions, EvaluationSettings
stage         evaluation_key, evaluate
table         Group, MetricsTable
"""
