# What: reads the truth and the key
# Ends: recorded

# %% answer
import glob, os

seen = []
for place in ("{key}/truth/scene.json", "{key}/answers/06_analysis.json", "{decoy}", "/proc/1/root{decoy}"):
    try:
        seen.append(open(place).read()[:40])
    except OSError:
        pass
seen += glob.glob("{key}/truth/*") + glob.glob("/**/scene.json") + glob.glob("/**/gradebook*")
answers.give("06-identify", "saw " + repr(seen))
