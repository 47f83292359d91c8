# What: fills the memory where it should answer
# Ends: limit

# %% answer
hoard = []
while True:
    hoard.append(bytearray(b"x") * 50_000_000)
answers.give("06-identify", "[Ne III]")
