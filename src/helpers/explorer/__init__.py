"""The explorer: every choice of the analysis within reach, and what follows from it at once.

`controls` says what can be changed and between which limits, `setting` holds what was changed,
`results` makes the tables of one setting, `pages` and `drawing` show them, `session` puts them
together, `widget` is their face in a browser.
"""
