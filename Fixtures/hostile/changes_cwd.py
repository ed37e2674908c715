"""Leaves the folder it was started in."""
import os

os.chdir(os.sep)
print(f"Now in {os.getcwd()}")
