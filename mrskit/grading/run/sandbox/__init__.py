"""The sandbox between untrusted code and the machine: backends of different strength, and the code inside."""
