# What: prints a gigabyte at once
# Ends: limit

# %% answer
print("x" * 300_000_000 * 2)
