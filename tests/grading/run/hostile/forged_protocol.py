# What: sends replies and states of its own
# Ends: recorded

# %% own
kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
for kind, content in (("status", {"execution_state": "idle"}), ("status", {}), ("execute_reply", {"status": "ok"}),
                      ("shutdown_reply", {"restart": False}), ("stream", {"name": "stdout", "text": 7}),
                      ("error", {}), ("display_data", {"data": []}), ("\x00", {})):
    kernel.session.send(kernel.iopub_socket, kind, content, parent=parent)
