# What: hands in an infinite number as a quantity
# Ends: invalid record

# %% answer
from mrskit.answering.answer_files import MIME
from IPython.display import display

wrong = {"schema": 1, "id": "06-identify", "kind": "quantity", "value": 1e999, "unit": "m", "dtype": "float", "shape": []}
display({MIME: wrong}, raw=True)
