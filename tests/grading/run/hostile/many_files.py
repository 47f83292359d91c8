# What: makes files until no more can be made
# Ends: limit

# %% answer
import itertools, tempfile

place = tempfile.gettempdir()
for number in itertools.count():
    open(f"{place}/{number}", "w").close()
answers.give("06-identify", "[Ne III]")
