"""The corpus becomes documents: readers (one file a format), cleaning, duplicates, splits, and what was refused.

settings      IngestionOptions, IngestionSettings
stage         ingestion_key, ingest
"""
