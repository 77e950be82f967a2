"""The report: one page that a colleague can read, print and pass on, without crossid and without a network.

It is plain HTML with its pictures inside and no script; a content security policy forbids the
browser to load or to run anything, whatever a name or a file name holds. All text from outside goes
through Jinja2's escaping and `printable`.

It is made for one person and for thousands: whoever is seen in several videos has a card (the most
seen `MAX_CARDS` of them), everybody else a tile; pictures are small WebP, and their number is bounded
by `MAX_PICTURES` beside one for each person. What is left out is counted and named with the file that holds it.
"""
