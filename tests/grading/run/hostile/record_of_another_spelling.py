# What: hands in under spellings of the exercise that look alike
# Ends: invalid record

# %% answer
from mrskit.answering.answer_files import MIME
from IPython.display import display

for name in ("06-Identify", " 06-identify", "06-identify\n", "06\u2010identify", "06-identify\u200b", "06-\u0456dentify"):
    display({MIME: {"schema": 1, "id": name, "kind": "text", "value": "[Ne III]", "unit": None, "dtype": None, "shape": None}}, raw=True)
