"""The browser's door: one user's client, in the browsers of their own machine.

It serves a page and lets it in with a token; each tab is a front end of its own, attached to the
client as those of other processes are. It knows HTTP, and neither terminals nor sentences: whoever
opens it says how what is told is described.

================  ========================================================
``opening``       how a browser is led to a link
``door``          the listening socket, its links and its tabs
``site``          what is answered to each request
``gate``          who may ask at all: hosts and origins
``bounds``        what a door is patient with
``access``        one-time links, and the tokens that they are given for
``tab``           one page: what it wishes, and what it is told
``tenancy``       a front end that stays attached while it lasts
``translation``   what a page may wish, and what it is not told
``shelf``         private files on their way to and from pages
``pages``         the page's own files
``handler``       requests as strict as they are read
``exchange``      requests and responses
================  ========================================================
"""
