"""What is typed: a text that is edited, what was typed before, and what few letters stand for."""
