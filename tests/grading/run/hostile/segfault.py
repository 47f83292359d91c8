# What: crashes the kernel
# Ends: not reached

# %% own
import ctypes

ctypes.string_at(0)
