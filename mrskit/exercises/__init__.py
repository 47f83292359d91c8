"""The engine of exercises: records, values, JSON, probes and checks. It knows no lesson."""
