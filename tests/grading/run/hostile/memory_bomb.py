# What: fills the memory
# Ends: not reached

# %% own
hoard = []
while True:
    hoard.append(bytearray(50_000_000))
