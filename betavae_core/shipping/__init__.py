"""Runs on their way: packed for another machine, or kept without their weights."""
