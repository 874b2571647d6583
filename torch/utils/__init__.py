"""Helpers beside tensors and networks."""
