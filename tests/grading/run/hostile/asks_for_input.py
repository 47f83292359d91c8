# What: asks for input
# Ends: error

# %% answer
answers.give("06-identify", input("your secret? "))
