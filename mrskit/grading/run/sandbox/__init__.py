"""What stands between strangers' code and the machine: backends of different strength, and what runs inside them."""
