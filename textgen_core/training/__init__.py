"""Token ids become a model: batches by number, the trainer, checkpoints, early stopping, the model directory.

presets       PRESETS, warmup_within
settings      TrainingOptions, TrainingSettings
stage         training_key, train
"""
