"""Those who connect: accepting them, a greenlet for each, and what the log tells of them."""
