"""The lock for imports of model libraries.

Python imports in several threads at once. Modules that import each other, as torchvision's do, are
then found half imported, or the import is refused as a deadlock.
"""

from threading import RLock

ONE_AT_A_TIME = RLock()
"""Held by the thread that imports model libraries."""
