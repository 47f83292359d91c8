# What: hands in a number where a text is asked for
# Ends: invalid record

# %% answer
from mrskit.answering.answer_files import MIME
from IPython.display import display

wrong = {"schema": 1, "id": "06-identify", "kind": "scalar", "value": 1, "unit": None, "dtype": "int", "shape": []}
display({MIME: wrong}, raw=True)
