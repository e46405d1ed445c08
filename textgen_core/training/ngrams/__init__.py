"""Counting instead of training: from a token stream to the tables of an n-gram model."""
