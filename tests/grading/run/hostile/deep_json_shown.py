# What: shows JSON that is nested deeply, and a parent that is none
# Ends: recorded

# %% own
kernel = get_ipython().kernel
message = kernel.session.msg("display_data", parent=kernel.get_parent("shell"))
for index, junk in ((4, b"[" * 100_000), (3, b"[]"), (2, b"\xff"), (5, b"null"), (5, b'{"data": 1}')):
    parts = kernel.session.serialize(message)
    parts[index if index < len(parts) else -1] = junk
    kernel.iopub_socket.send_multipart(parts)
