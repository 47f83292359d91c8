# What: claims that it has called quit, so that another kernel is started
# Ends: recorded

# %% own
get_ipython().payload_manager.write_payload({"source": "ask_exit", "keepkernel": False})

# %% answer
get_ipython().payload_manager.write_payload({"source": "ask_exit", "keepkernel": None, "more": "x" * 1000})
get_ipython().payload_manager.write_payload({"source": "ask_exit"})
answers.give("06-identify", "[Ne III]")
