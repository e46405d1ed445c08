"""What happens after each step, one idea a file. They run in the order of ``trainer.callbacks``."""
