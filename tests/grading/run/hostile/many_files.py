# What: makes files until no more can be made
# Ends: limit

# %% answer
import itertools

for number in itertools.count():
    open(f"/tmp/{number}", "w").close()
answers.give("06-identify", "[Ne III]")
