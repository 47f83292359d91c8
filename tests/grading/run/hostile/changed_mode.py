# What: leaves the mode of grading to be told the verdict
# Ends: recorded, error

# %% own
import os

os.environ.pop("MRSKIT_MODE")
os.environ["MRSKIT_PROBE_SEED"] = "1"
