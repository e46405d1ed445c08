"""The corpus becomes documents: readers (one file a format), cleaning, duplicates, splits, and what was refused.

settings      IngestionOptions, IngestionSettings
stage         ingestion_key, ingest

Seed files are read by the same means:

compression   unpacked
encodings     utf8_blocks
framing       Frame, frames
numbers       EXACT, keeps_value
readers.quoting  Fault, records_of, stretches
rows          SourceRefused
sources       COMPRESSED
"""
