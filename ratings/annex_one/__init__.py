"""Annex 1: what a report says about its sample and how evidence was gathered, counted from the record.

`figures` has the values, `sentences` puts them as a report does, `counted` into tables, `gathering` reads them; `data`, `printed`
and `files` write them down.
"""
