# What: fills the memory that processes share
# Ends: limit

# %% answer
for number in range(1000):
    with open(f"/dev/shm/{number}", "wb") as stream:
        stream.write(bytes(16_000_000))
answers.give("06-identify", "[Ne III]")
