"""Answers about a build: what is found here, what would run and why, how long it will take."""
