"""Who may commit, when, and with which state one gets into a conversation."""
