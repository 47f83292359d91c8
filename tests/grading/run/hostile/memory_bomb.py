# What: fills the memory
# Ends: recorded

# %% own
hoard = []
while True:
    hoard.append(bytearray(50_000_000))
