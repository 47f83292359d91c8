"""Files from the archives: what there is, what to do, the transfer of one file, the checks, and the whole."""
