"""Prints one gigabyte."""
import sys

LINE = "x" * 1023 + "\n"

for _ in range(1024):
    sys.stdout.write(LINE * 1024)
