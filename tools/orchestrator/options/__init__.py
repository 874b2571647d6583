"""Options: each one typed and documented once (optiontable), decided among all who may set it (resolution)."""

from orchestrator.options.resolution import (
    BUILTIN,
    Options,
    OptionSpec,
    OptionType,
    OptionValue,
    Setting,
    default_jobs,
    environment_names,
    resolve,
)

__all__ = [
    "BUILTIN",
    "OptionSpec",
    "OptionType",
    "OptionValue",
    "Options",
    "Setting",
    "default_jobs",
    "environment_names",
    "resolve",
]
