"""Batch text generation: the stages, free of any orchestrator."""
