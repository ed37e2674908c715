"""Keeps ever more memory, and touches every page of it."""

blocks = []
while True:
    blocks.append(bytearray(b"\x01" * (16 << 20)))
