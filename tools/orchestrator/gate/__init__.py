"""What a wheel has to pass before strangers get it."""
