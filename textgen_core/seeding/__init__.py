"""Prompts drawn from documents held out of training.

settings      SeedingOptions, SeedingSettings
stage         seeding_key, seed
"""
