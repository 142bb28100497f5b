"""The client session: one user's agent with its connection, its vault and its greenlets.

It composes client, store and net, and knows what ends a session and with which exit code. It must
not know how events are shown or where lines come from: that is a :class:`.view.View`.

============  ============================================================
``settings``  what a session is told to do
``view``      what it needs from whoever shows it
``state``     pins and vault: what is kept between sessions
``identity``  a user into a file, and out of it
``files``     where files come from and go
``keeper``    writes changes behind the user's back
``backoff``   when to try again
``ending``    how sessions end
``desk``      carries out what the agent decides
``vigil``     notices that nobody is there any more
``visit``     one connection of a desk
``session``   the greenlets that read, write and reconnect
============  ============================================================
"""
