"""Line mode: what a person or a program types and sees.

It must not know how anything is decided, stored or sent; it is handed a session and its events.

================  =====================================================
``command_line``  from the words of the command line to the exit code
``input``         bytes to lines, from a terminal, a pipe or a file
``echo``          not showing what is typed
``prompts``       asking for what the command line does not say
``passphrases``   asking for passphrases, unseen
``identity``      a user into a file, and out of it
``qr``            QR codes drawn with characters
``sanitizer``     text from others, made safe to show
``folding``       long lines that cannot pass for several
``rendering``     events as lines for people
``trust``         what is said about trust in people
``output``        the views: lines for people, JSON for programs
================  =====================================================
"""
