"""Expression synthesis: expressions made of what was in scope when tests ran, one for each way in which they differ.

`recording` runs tests and keeps what names meant at suspicious places, `terms` makes expressions bottom-up and evaluates
them on all that was kept, `choose` keeps those that can matter, `offers` turns them into edits.
"""
