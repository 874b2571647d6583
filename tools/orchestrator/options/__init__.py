"""Options: each one typed and documented once (optiontable), decided among all who may set it (resolution)."""

from orchestrator.options.resolution import (
    BUILTIN,
    FAMILIES,
    Options,
    OptionSpec,
    OptionType,
    OptionValue,
    Setting,
    default_jobs,
    environment_names,
    resolve,
    unknown_in,
)

__all__ = [
    "BUILTIN",
    "FAMILIES",
    "OptionSpec",
    "OptionType",
    "OptionValue",
    "Options",
    "Setting",
    "default_jobs",
    "environment_names",
    "resolve",
    "unknown_in",
]
