"""The unmodified jwst pipeline with explicit parameters, associations and products in a workspace."""
