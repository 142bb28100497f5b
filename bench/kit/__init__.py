"""What the benchmarks share: servers in processes of their own, crowds, members, attackers.

Each script of the folder above is one command and measures one thing; these modules measure nothing
by themselves.

================  ==================================================================
``checkout``      makes scripts measure the checkout that they are in
``processes``     servers in processes of their own, and what they take
``users``         whole clients in processes of their own
``cutter``        a relay that cuts connections
``findings``      what was found, beside its bounds
``rivals``        servers that people would pick instead
``transcript``    what was said, and whether all have heard the same
``entries``       what a room on eim-server was told
``member``        a member of a crowd, on a socket that never blocks
``streams``       dialects of servers that tell everyone the same bytes
``messenger``     the dialect of eim-server
``residents``     accounts of a crowd that are members before it is measured
``crowd``         a crowd in one room
``assembly``      one of which many do the same at the same time
``events``        what they do
``crowds``        clients of eim-load that meet
``loopback``      a server and whole clients in one process
``scribes``       members who write, in a process of their own
``bystanders``    honest people who talk while somebody attacks
``attackers``     what ordinary accounts do to a server
``insiders``      what members do to their room
================  ==================================================================
"""

import kit.checkout  # noqa: F401 - has to come before what is measured
