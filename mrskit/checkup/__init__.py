"""What this computer and a workspace have and lack for the course, each with what mends it."""
