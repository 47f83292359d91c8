# What: shows one message of 10 MB before it hands in
# Ends: recorded

# %% answer
from IPython.display import HTML, display

display(HTML("x" * 10_000_000))
answers.give("06-identify", "[Ne III]")
