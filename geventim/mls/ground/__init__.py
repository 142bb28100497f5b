"""What all else stands on: suites, credentials, capabilities, extensions, leaf nodes, policy.

RFC 9420 §5, §7.2 and §13. Knows no tree, no group and no message.
"""
