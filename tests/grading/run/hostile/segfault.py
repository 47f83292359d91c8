# What: crashes the kernel
# Ends: recorded

# %% own
import ctypes

ctypes.string_at(0)
