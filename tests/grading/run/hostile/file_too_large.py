# What: writes one endless file
# Ends: limit

# %% answer
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open("endless", "wb") as stream:
    while True:
        stream.write(bytes(1_000_000))
answers.give("06-identify", "[Ne III]")
