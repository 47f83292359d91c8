# What: hands in lists in lists in lists
# Ends: invalid record, limit, error

# %% answer
from mrskit.answering.answer_files import MIME

deep = "[" * 50_000 + "]" * 50_000
session, socket = get_ipython().kernel.session, get_ipython().kernel.iopub_socket
message = session.msg("display_data", parent=get_ipython().kernel.get_parent("shell"))
parts = session.serialize(message)
content = '{"data": {"%s": {"id": "06-identify", "value": %s}}, "metadata": {}}' % (MIME, deep)
parts[-1] = content.encode()
parts[1] = session.sign(parts[2:])
socket.send_multipart(parts)
