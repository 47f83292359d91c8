# What: hands in a text that is equal to everything, and patches the encoders
# Ends: recorded, invalid record, error, not answered

# %% answer
import json

from mrskit.exercises import codec


class Liar(str):
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0


plain = codec.encode
codec.encode = lambda answer: plain(answer) | {"points": 100, "verdict": "right", "schema": 1.0}
json.JSONEncoder.default = lambda self, value: "forged"
answers.give("06-identify", Liar("saw []"))
