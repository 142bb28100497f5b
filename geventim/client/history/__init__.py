"""What was written, as it was shown: kept by pages, and read when somebody looks."""
