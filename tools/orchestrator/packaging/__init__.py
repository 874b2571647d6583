"""What Python needs from a build: setup.py commands, wheels, sdists, editable installs, installed prefixes."""
