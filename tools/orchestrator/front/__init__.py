"""Where people and programs meet the build: command line, console, logs, summaries."""
