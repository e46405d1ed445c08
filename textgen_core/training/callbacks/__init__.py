"""What happens after each step, one idea a file. ``trainer`` puts them in the order in which they must run."""
