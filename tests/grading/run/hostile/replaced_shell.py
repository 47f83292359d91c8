# What: takes the place of the shell that runs cells
# Ends: not answered, recorded, error, timeout, limit, not reached

# %% own
get_ipython().run_cell = None
type(get_ipython()).run_cell_async = None
