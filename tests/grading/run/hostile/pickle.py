# What: hands in an object that runs code when it is unpickled
# Ends: invalid record

# %% answer
import base64, os, pickle

from mrskit.answering.answer_files import MIME
from IPython.display import display


class Attack:
    def __reduce__(self):
        return os.system, ("touch {decoy}.owned",)


value = base64.b64encode(pickle.dumps(Attack())).decode()
display({MIME: {"schema": 1, "id": "06-identify", "kind": "pickle", "value": value}}, raw=True)
