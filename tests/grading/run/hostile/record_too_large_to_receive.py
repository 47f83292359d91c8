# What: hands in more than one message may have
# Ends: limit

# %% answer
from mrskit.answering.answer_files import MIME
from IPython.display import display

display({MIME: {"id": "06-identify", "value": "x" * 10_000_000}}, raw=True)
