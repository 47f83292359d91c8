# What: hands in many answers of a megabyte that need thirty times as much memory when they are read
# Ends: invalid record, limit, recorded

# %% answer
from mrskit.answering.answer_files import MIME
from IPython.display import display

for number in range(23):
    display({MIME: {"id": "06-identify", "value": [{"": 0}] * 140_000}}, raw=True)
answers.give("06-identify", "[Ne III]")
