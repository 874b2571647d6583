"""The functions of `torch.nn.functional`, one file for each kind; users take them from there."""
