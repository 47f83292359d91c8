"""Run by each kernel that 'mrskit start' starts: errors are explained, also after a kernel was started anew."""

try:
    from IPython import get_ipython as _shell

    from mrskit.error_hints import install as _install

    _install(_shell())
    del _install, _shell
except ImportError:
    pass  # a kernel of another environment
