# What: hands in for another exercise than that of the cell
# Ends: invalid record

# %% answer
from mrskit.answering.answer_files import MIME
from IPython.display import display

other = {"schema": 1, "id": "06-pah", "kind": "text", "value": "x", "unit": None, "dtype": None, "shape": None}
display({MIME: other}, raw=True)
# answers.give("06-identify", ...)
