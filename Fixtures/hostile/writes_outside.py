"""Writes a file into the home folder."""
import os

path = os.path.join(os.path.expanduser("~"), "written_outside.txt")
with open(path, "w", encoding="ascii") as file:
    file.write("a program wrote here\n")
print("written")
