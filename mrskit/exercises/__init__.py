"""The exercises of the course: one record each, one module a lesson."""
