# What: raises an error of a megabyte, with codes in it
# Ends: error, timeout, limit

# %% answer
raise ValueError("\x1b[31m<b>" * 200_000)
answers.give("06-identify", 1)
