# What: opens widgets without end
# Ends: recorded, limit, timeout, not reached

# %% own
from comm import create_comm

for number in range(20_000):
    create_comm(target_name="jupyter.widget", data={"state": "x" * 1000})
