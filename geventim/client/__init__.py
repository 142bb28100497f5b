"""What a client knows and decides, without doing any input or output itself.

Bytes and lines go in, bytes, events and changes to keep come out; the clock and the random source
are passed in. It must not know how bytes travel, where values are kept, or how events are shown.

The user, and what they type:

==================  ==================================================================
``agent``           one user's side of a conversation with a server: all of the below
``succession``      the agent that takes the place of one that has failed
``legacy``          what the one leaves to the other
``profile``         who that user is, and the keys that show it
``identity_file``   that user as a file that moves to another machine
``entrance``        from a fresh connection to being in the room
``command``         a word that does something, and what was typed after it
``commands``        which words are commands, and what help says about them
``group_commands``  those that come after ``@group``
``spelling``        which word was probably meant
``talk``            operations that send messages
``prompt``          asking for the key of a secret
``groups``          operations on groups
``rooms``           operations on rooms
``presence``        what happened to other people
``verification``    operations on trust
``recall``          operations on the history
``events``          what a client tells its user
``digest``          one line for many
``causes``          why something could not be read, and what happens next
==================  ==================================================================

How it gets done:

=================  ==================================================================
``outbox``         lines that take effect one after the other, exactly once
``procedure``      steps that are taken beside them
``effects``        what either may ask for
``exchange``       requests on their way, and whose reply came
``refusals``       those that a client deals with by itself
``patience``       how long to wait before something is tried again
``attention``      what is at hand, and to blame when something fails
``failures``       what this program has failed with, so that it ends
``context``        what operations work with
``clocks``         what time it is
``memory``         what outlives the process
=================  ==================================================================

Conversations:

=================  ==================================================================
``conversations``  every one that the account knows
``conversation``   one of them: its stage, its group, and how far its log was read
``stages``         where one can stand, and every legal move
``record``         what is kept of one
``follower``       takes what comes, and does what is due
``entries``        what an entry of a log means
``messages``       messages that arrive
``commits``        commits that arrive
``admission``      getting in
``amendment``      changes that a member makes
``submission``     putting a commit of ours into the log
``courier``        carries messages to the server
``parcels``        messages on their way
``position``       how far a log was read, and what it looked like
``testimony``      what authors say about that
``roster``         who is in a group
=================  ==================================================================

What is sealed, by whom, and for whom:

=================  ==================================================================
``engine``         how this messenger uses MLS
``charter``        what the members of a conversation agreed on
``credentials``    who a member is
``key_packages``   what lets others add us while we are away
``gates``          keyed rooms
``content``        the content frame: what a payload says
``secret``         sealing with a key that two people share
``strongbox``      secrets that wait for their key
``trust``          which identity key a nick stands for
``acquaintance``   meeting people in conversations
``directory``      who is called what, as the server and they themselves say
``safety_number``  what people compare to be sure
``history``        what was written, to be read again
=================  ==================================================================
"""
