# What: prints codes that rule terminals
# Ends: recorded

# %% answer
print("\x1b[2J\x1b]0;owned\x07\x1b[31mred\u202e\x00" * 10)
answers.give("06-identify", "[Ne III]")
