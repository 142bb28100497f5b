"""What was written, as it was shown: kept by pages, and read when somebody looks.

It must not know where pages are kept, nor who looks.
"""
