"""Adds the numbers that arrive on standard input, one to a line."""
import sys

total = 0
for line in sys.stdin:
    total += int(line)
print(f"Total: {total}")
