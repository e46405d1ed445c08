"""Prompts drawn from documents held out of training.

draw          draw_seeds
settings      SeedingOptions, SeedingSettings, Seeds, drawn_as, without_default
stage         seeding_key, seed
"""
