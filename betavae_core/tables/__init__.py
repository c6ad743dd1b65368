"""Many runs as tables, and which of them may stand beside one another."""
