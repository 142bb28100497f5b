"""What an operator has decided: the settings, where each comes from, and what is said of them."""
