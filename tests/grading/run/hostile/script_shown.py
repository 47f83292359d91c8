# What: shows HTML, JavaScript and SVG
# Ends: recorded

# %% answer
from IPython.display import HTML, Javascript, SVG, display

display(HTML("<script>alert(1)</script>"), Javascript("alert(1)"))
display({"text/html": "<iframe src='http://10.0.2.2'>", "text/plain": "<img src=x onerror=alert(1)>"}, raw=True)
answers.give("06-identify", "[Ne III]")
