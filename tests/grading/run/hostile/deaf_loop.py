# What: loops and does not hear interruptions
# Ends: recorded

# %% own
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
while True:
    pass
