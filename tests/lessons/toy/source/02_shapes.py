# %% [markdown]
# # Shapes
#
# A picture of $x < 3$.

# %%
import numpy as np
import toycourse

from mrskit import answers

# %% tags=["parameters"]
workspace = "work/demo"  # folder of the course
use_ch = "12"
use_band = "SHORT"

# %%
toycourse.install()
answers.begin("02_shapes", workspace, use_ch=use_ch, use_band=use_band)
image = np.arange(12).reshape(3, 4)

# %% [markdown]
# > **Exercise `02-ramp`.**

# %% tags=["answer"] exercise="02-ramp"
ramp = ...  # shape (4,), DN
# solution begin
ramp = 2 * np.arange(4)
# solution end
answers.give("02-ramp", ramp, unit="DN")

# %% [markdown]
# > **Exercise `02-bright`.**

# %% tags=["answer"] exercise="02-bright"
bright = ...  # boolean, shape (3, 4)
# solution begin
bright = image > 3
# solution end
answers.give("02-bright", bright)

# %%
truth = answers.reveal("02-bright")
print("differences:", "unknown" if truth is None else int((truth != bright).sum()))

# %% [markdown]
# > **Exercise `02-words`.**

# %% tags=["answer"] exercise="02-words"
words = ...
# solution begin
words = "Not a number"
# solution end
answers.give("02-words", words)
