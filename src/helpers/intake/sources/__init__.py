"""Public sources for any regency of Indonesia, each at one version: borders, village points, and
the Village Development Index (IDM). Nothing of them is in this repository.

`pinned.yml` is the table of addresses and hashes. `borders` and `idm` read single provinces and
regencies, `register` the names of all regencies and the points of their villages. ``mirror`` is a
folder or an address with a copy (the folder of downloads of another machine is one), else the
network is used and what it gave is kept.
"""
