"""Counts down, and steps over the number at which it would stop."""

left = 9
while left != 0:
    left -= 2
print("done")
