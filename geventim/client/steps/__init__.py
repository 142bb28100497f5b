"""What operations ask for, and what carries it out, step by step.

It must not know what is kept, nor who anybody is.
"""
