# What: lets a thread of an earlier cell hand in while the answer cell runs
# Ends: recorded

# %% own
import threading, time

from mrskit.answering.answer_files import MIME
from IPython.display import display


def forge():
    for _ in range(100):
        forged = {"schema": 1, "id": "06-identify", "kind": "text", "value": "forged", "unit": None, "dtype": None,
                  "shape": None}
        display({MIME: forged}, raw=True)
        time.sleep(0.01)


threading.Thread(target=forge, daemon=True).start()
time.sleep(0.1)
