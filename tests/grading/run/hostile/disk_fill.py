# What: fills the disk
# Ends: limit

# %% answer
import itertools

for number in itertools.count():
    with open(f"fill-{number}", "wb") as stream:
        for _ in range(16):
            stream.write(bytes(1_000_000))
answers.give("06-identify", "[Ne III]")
