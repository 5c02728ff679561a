"""From answers to ratings: counts, percentages, bands, discretion, Annex 2 and exports."""
