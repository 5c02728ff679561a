"""The product's settings with the bare save among its addresses."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.save_urls"
