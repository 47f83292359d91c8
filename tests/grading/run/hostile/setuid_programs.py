# What: starts programs that change the user
# Ends: recorded

# %% answer
import subprocess

seen = []
for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["newgrp", "root"], ["mount", "-t", "tmpfs", "none", "/tmp"],
                ["unshare", "-Ur", "id"], ["bwrap", "--ro-bind", "/", "/", "id"]):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=2)
        seen += [command[0]] if done.returncode == 0 else []
    except (OSError, subprocess.TimeoutExpired):
        pass
answers.give("06-identify", "saw " + repr(seen))
