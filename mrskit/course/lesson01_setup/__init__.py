"""Lesson 01: the proposal, the workspace, references and parameters."""
