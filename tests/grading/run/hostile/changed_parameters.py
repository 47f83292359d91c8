# What: changes the parameters of the lesson
# Ends: recorded

# %% own
workspace, use_ch, scheduler = "/etc", "99", "tcp://10.0.2.2:8786"
