# What: leaves by exit()
# Ends: recorded, not reached

# %% own
raise SystemExit
