"""What somebody who is new may want to do."""
