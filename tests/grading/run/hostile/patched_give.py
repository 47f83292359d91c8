# What: replaces the function that hands answers in
# Ends: not answered

# %% own
answers.give = lambda *args, **kwargs: None
