# What: leaves products that lie about their size, and names that are code
# Ends: recorded

# %% own
import os

os.makedirs("Source/stage2", exist_ok=True)


def card(name, value):
    return f"{name:<8}= {value:>20}".ljust(80)


def block(*cards):
    return "".join([*cards, "END".ljust(80)]).ljust(2880).encode()


with open("Source/stage2/bomb_cal.fits", "wb") as stream:
    stream.write(block(card("SIMPLE", "T"), card("BITPIX", 8), card("NAXIS", 0), card("EXTEND", "T")))
    stream.write(block("XTENSION= 'IMAGE   '".ljust(80), card("BITPIX", -64), card("NAXIS", 3), card("NAXIS1", 100000),
                       card("NAXIS2", 100000), card("NAXIS3", 100000), card("PCOUNT", 0), card("GCOUNT", 1),
                       "EXTNAME = 'SCI     '".ljust(80)))
for number in range(200):
    open(f"Source/stage2/many{number}_cal.fits", "wb").close()
open("Source/stage2/<script>alert(1)<\\script>\x1b[31m_cal.fits", "wb").close()
