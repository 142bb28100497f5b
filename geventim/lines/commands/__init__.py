"""The commands: one module for those about the same things, and the catalog of all."""
