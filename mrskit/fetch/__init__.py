"""Files from the archives: query, plan, transfer of one file, checks, and the complete fetch."""
