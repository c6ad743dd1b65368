"""The queue of trainings: a folder on disk for each, a supervisor that starts them, and the process
that trains one. Any of these may be killed at any moment; nothing is trained twice."""
