# What: sleeps at exit, and upon every signal
# Ends: recorded

# %% own
import atexit, signal, time

atexit.register(time.sleep, 1000)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGXCPU):
    signal.signal(number, lambda *_: time.sleep(1000))
