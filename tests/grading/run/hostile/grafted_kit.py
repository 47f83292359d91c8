# What: redefines functions of the kit as a cell of the release would have them, and the names of the grader's cells
# Ends: recorded, not answered, error, invalid record

# %% own
import builtins, mrskit.answers as kit

globals = lambda: {}
builtins.repr = lambda value: ""
kit.begin = lambda *args, **kwargs: None
kit.require_values = kit._grading = lambda *args: False
kit.from_learner = lambda *args: "forged"
