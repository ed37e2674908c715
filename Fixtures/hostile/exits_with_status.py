"""Ends itself with a status and no traceback."""
import sys

print("refusing to go on")
sys.exit(3)
