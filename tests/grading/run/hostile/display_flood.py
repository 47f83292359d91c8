# What: shows pictures of three megabytes without end
# Ends: limit

# %% answer
from IPython.display import display

while True:
    display({"image/png": "A" * 3_000_000}, raw=True)
