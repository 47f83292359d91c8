"""
Tests of ``mrskit/course``, in its layout: what the lessons ask, expect and show.

The folder ``tests/course`` has another task: instructors run it on any workspace, and it is packaged with the kit.
"""
