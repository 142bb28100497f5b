"""What changes conversations: beginning them, entries, what operators do, and forgetting."""
