# What: shows a picture of 30,000 by 30,000 pixels in a few kilobytes
# Ends: recorded

# %% answer
import struct, zlib
from IPython.display import Image, display


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0))
display(Image(data=b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10_000_000))) + chunk(b"IEND", b""),
              format="png"))
display({"image/png": "no base64 <script>"}, raw=True)
answers.give("06-identify", "[Ne III]")
