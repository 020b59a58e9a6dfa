"""The API of the server: written by ariadne-codegen, see `client/generate.py`."""
