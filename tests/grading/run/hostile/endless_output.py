# What: prints without end
# Ends: limit, timeout

# %% answer
while True:
    print("x" * 100_000)
