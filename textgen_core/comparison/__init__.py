"""A grid of models on one corpus (family, level, size, share of the text), and what it says of what people say.

cells         grid
settings      ComparisonSettings
stages        OWN, ComparisonStage
steps         Planned, compare, plan
"""
