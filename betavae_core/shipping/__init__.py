"""Runs packed for another machine, or kept without their weights."""
