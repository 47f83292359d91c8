# What: prints without end
# Ends: limit

# %% answer
while True:
    print("x" * 100_000)
