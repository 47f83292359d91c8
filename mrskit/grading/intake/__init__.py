"""What was handed in: found, read under caps, reduced to the sources of answers, compared with the release."""
