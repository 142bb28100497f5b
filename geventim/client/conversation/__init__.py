"""One conversation: its stages, the entries of its log, and what is done in it unasked."""
