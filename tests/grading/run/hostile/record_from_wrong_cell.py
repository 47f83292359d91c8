# What: hands an answer in from a cell that is none
# Ends: recorded

# %% own
from mrskit.answering.answer_files import MIME
from IPython.display import display

forged = {"schema": 1, "id": "06-pah", "kind": "choice", "value": "x", "unit": None, "dtype": None, "shape": None}
display({MIME: forged}, raw=True)
forged["id"] = "06-identify"
display({MIME: forged}, raw=True)
