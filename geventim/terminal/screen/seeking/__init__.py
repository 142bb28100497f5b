"""What was said, looked for by its words."""
