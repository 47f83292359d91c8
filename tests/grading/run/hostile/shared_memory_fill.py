# What: fills the memory that processes share
# Ends: limit

# %% answer
import mmap

kept = []
for number in range(1000):
    try:
        with open(f"/dev/shm/{number}", "wb") as stream:
            stream.write(bytes(16_000_000))
    except PermissionError:  # then pages that are shared without a file
        try:
            kept.append(mmap.mmap(-1, 16_000_000))
        except OSError:  # not so many
            raise MemoryError from None
        kept[-1].write(bytes(16_000_000))
answers.give("06-identify", "[Ne III]")
