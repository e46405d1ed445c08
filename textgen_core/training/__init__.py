"""Token ids become a model: batches by number, the trainer, checkpoints, early stopping, the model directory.

filling       warmup_within
presets       PRESETS
settings      TrainingOptions, TrainingSettings
stage         training_key, train
"""
