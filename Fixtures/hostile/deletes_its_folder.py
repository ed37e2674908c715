"""Removes the folder it lies in, with everything there."""
import os
import shutil

shutil.rmtree(os.path.dirname(os.path.abspath(__file__)))
print("folder removed")
