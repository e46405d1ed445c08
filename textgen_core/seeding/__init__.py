"""Prompts drawn from documents held out of training.

draw          draw_seeds
settings      SeedingOptions, SeedingSettings, Seeds
stage         seeding_key, seed
"""
