"""A deterministic scheduler for threads of unmodified programs.

`rewrite` turns accesses to state that threads may share into calls of `hooks`; `locations` tells which of them matter;
`primitives`, `threads` and `clock` stand in for the interpreter's own locks, threads and clocks; `scheduler` lets one thread
run at a time and records what it does; `execution` runs a script once under a given schedule, `worker` many times in
one process, and `request` answers the protocol's `schedule`. Which schedules are run is decided by the other side.
"""
