"""What every stage stands on: schemas, the atomic writer, the manifest, the reader and the verifier.

columns       column, meaning, extended
digests       of_value, of_file
inputs        digest_of
links         point
locks         lock_at
manifest      Manifest, RunKey, MANIFEST, read_manifest, find_manifest, stage_directory, working_directory
parts         PartWriter, read_part, read_batches, read_table, write_parts, parts_of, ROW_GROUP_ROWS
schemas       DOCUMENTS, REJECTS, DUPLICATES, SOURCES, SEEDS, SEQUENCES, HISTORY, GENERATIONS, SCORE_KEYS, METRICS
rejects       REJECT_CODES
schemas       CHALLENGE, FRONTIER, SCHEMA_VERSION
comparison_schemas  JUDGED, STRETCHES, COMPARISON, TRADE_OFFS, POSITIONS, VERDICTS
stage         run_stage, finished, write_file, sync_directory, SCRATCH
store         STORE, place, at_work, stored, unnamed, prune, size
unfinished    UnfinishedError, stop
verify        verify
"""
