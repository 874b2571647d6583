"""The build brain: libraries.toml -> graph -> options -> detection -> plan -> configure -> one ninja graph -> publish."""
