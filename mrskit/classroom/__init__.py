"""What instructors do with a course besides grading: hand out data, release lessons, teach from them."""
