# What: shows one message of 10 MB, then prints 14 MB more, in a cell of its own
# Ends: recorded

# %% own
from IPython.display import HTML, display

display(HTML("x" * 10_000_000))
for number in range(14):
    print("x" * 1_000_000)
