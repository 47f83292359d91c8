# What: changes how cells are read, so that no answer is handed in
# Ends: not answered, error

# %% own
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass\n"])
