"""Five published inspections as bundles, and the small generator that writes them."""
