"""The reproduction: what stored runs say of claims, with intervals, power and a verdict.

Everything here is computed from records on disk; nothing is trained, encoded or measured.
"""
