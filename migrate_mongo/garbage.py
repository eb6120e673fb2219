"""Python's search for cycles of objects that nobody refers to."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Batches of documents and rows hold no cycles, and tracing them costs more than mapping them."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
