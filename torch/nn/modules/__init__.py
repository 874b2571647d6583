"""The modules, one file for each kind; users take them from `torch.nn`."""
