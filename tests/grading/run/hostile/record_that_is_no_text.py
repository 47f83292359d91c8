# What: hands in half of a surrogate pair, as value and as unit
# Ends: invalid record

# %% answer
import json

from mrskit.answering.answer_files import MIME

record = {"schema": 1, "id": "06-identify", "kind": "text", "value": "\ud800", "unit": "\udfff", "dtype": None, "shape": None}
kernel = get_ipython().kernel
parts = kernel.session.serialize(kernel.session.msg("display_data", parent=kernel.get_parent("shell")))
parts[-1] = json.dumps({"data": {MIME: record}, "metadata": {}}).encode()
kernel.iopub_socket.send_multipart(parts)
