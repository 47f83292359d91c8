# What: puts numpy.py and mrskit.py beside the notebook
# Ends: recorded

# %% own
for name in ("numpy", "mrskit", "sitecustomize", "zmq"):
    with open(f"{name}.py", "w") as stream:
        stream.write("raise SystemExit('owned')")
