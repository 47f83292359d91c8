"""Single steps and single exposures, with settings of one's own: what lessons take apart."""
