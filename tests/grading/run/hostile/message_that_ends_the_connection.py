# What: shows one message that is larger than the grader receives in one piece
# Ends: recorded

# %% own
from IPython.display import HTML, display

display(HTML("x" * 105_000_000))
