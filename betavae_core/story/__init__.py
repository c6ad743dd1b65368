"""The story of β in four pictures of runs."""
