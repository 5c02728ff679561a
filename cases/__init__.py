"""The sampled cases of an inspection and the answers given in them."""
