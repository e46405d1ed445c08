"""What generated texts and their model are worth: one file a metric, groups, intervals, held-out text.

blocks        TokenPair
bootstrap     ratio_intervals, units, weights
held_out_pairs  encoded_targets, pair_logprobs, target_logprobs
metrics       METRICS
origins       check_origins
rarefied      Occurrences, Rarefied, read_occurrences, distinct_of_like_size
reading       ModelReader, Reader
repetition    repeated
samples       words
scores        SCHEMA
scoring       check_reads_text, score_texts, token_logprobs
settings      BootstrapSettings, EvaluationOptions, EvaluationSettings
stage         evaluation_key, evaluate
table         Group, MetricsTable
"""
