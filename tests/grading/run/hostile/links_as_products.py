# What: leaves links, pipes and devices where products are expected
# Ends: recorded

# %% own
import os

os.makedirs("Source/stage1", exist_ok=True)
os.symlink("/etc/passwd", "Source/stage1/link_rate.fits")
os.symlink("{decoy}", "Source/stage1/decoy_rate.fits")
os.mkfifo("Source/stage1/pipe_rate.fits")
os.symlink("/", "Source/stage1/root")
