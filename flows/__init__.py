"""What a user starts: one flow a stage, the pipeline that chains them, retraining, the local service, the command line."""
