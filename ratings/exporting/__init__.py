"""Files that are made in the background: asked for, made by the worker, fetched, and removed when their time is over."""
