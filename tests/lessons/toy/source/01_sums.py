# %% [markdown]
# # Sums
#
# Two and two, and what follows.

# %%
import toycourse

from mrskit import answers

# %% tags=["parameters"]
workspace = "work/demo"  # folder of the course
use_ch = "12"
use_band = "SHORT"

# %%
toycourse.install()
answers.begin("01_sums", workspace, use_ch=use_ch, use_band=use_band)

# %% [markdown]
# > **Exercise `01-sum`.**

# %% tags=["answer"] exercise="01-sum"
total = ...  # 2 + 3
# solution begin
total = 2 + 3
# solution end
answers.give("01-sum", total)

# %% [markdown]
# > **Exercise `01-time`.**

# %% tags=["answer"] exercise="01-time"
minute = ...  # s
# solution begin
minute = 60
# solution end
answers.give("01-time", minute, unit="s")

# %% [markdown]
# > **Exercise `01-sign`.**

# %% tags=["answer"] exercise="01-sign"
positive = ...  # "yes" or "no"
# solution begin
positive = "no"
# solution end
answers.give("01-sign", positive)
