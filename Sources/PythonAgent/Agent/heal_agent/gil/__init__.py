"""What the interpreter's global lock lets happen: where a thread may lose it, worked out on the program's plain bytecode.

`model` is the table of versions, `code` the paths between instructions, `events` finds the instruction of an event, `knowledge` says which
instructions may run code of the program, `answer` answers the protocol's `gil`; `force` runs the plain program with pauses at given places.
"""
