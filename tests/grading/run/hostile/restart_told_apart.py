# What: tells by its sockets which kernel it is in, ends every second one, and looks for what the first has left
# Ends: recorded, error

# %% own
import os, re

number = int(re.search(r"/(\d+) /run/mrskit ", open("/proc/self/mountinfo").read() + "/0 /run/mrskit ")[1])
open("left", "w").close()
if number % 2:
    os._exit(1)

# %% answer
import os

answers.give("06-identify", "saw " + repr([name for name in os.listdir(".") if name == "left" and number % 2]))
