# What: prints without end in a cell of its own
# Ends: not reached, recorded

# %% own
while True:
    print("x" * 100_000)
