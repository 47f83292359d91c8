# What: fills the memory by many small processes
# Ends: recorded, not reached, limit, error

# %% own
import subprocess, sys

code = "hoard = bytearray(b'x') * 150_000_000; import time; time.sleep(60)"
children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(12)]
import time

time.sleep(2)
