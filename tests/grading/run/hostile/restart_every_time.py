# What: ends the kernel in the cell of the learner's own and in the answer, however often it is started again
# Ends: error

# %% own
import os

os._exit(0)

# %% answer
import os, signal

os.kill(os.getpid(), signal.SIGKILL)
answers.give("06-identify", "[Ne III]")
