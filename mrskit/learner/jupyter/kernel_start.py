"""Startup script of each kernel from 'mrskit start', also after a restart: install explanations of errors."""

try:
    from IPython import get_ipython as _shell

    from mrskit.error_hints import install as _install

    _install(_shell())
    del _install, _shell
except ImportError:
    pass  # a kernel from a different environment
