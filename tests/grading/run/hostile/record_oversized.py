# What: hands in two megabytes
# Ends: invalid record

# %% answer
from mrskit.answering.answer_files import MIME
from IPython.display import display

large = {"schema": 1, "id": "06-identify", "kind": "text", "value": "x" * 2_000_000, "unit": None, "dtype": None, "shape": None}
display({MIME: large}, raw=True)
