"""Many runs as tables, and the choice of runs that can be compared."""
