"""Addresses of ratings: the list of inspections, the ratings page, Annex 2, results and exports."""

app_name = "ratings"
urlpatterns = []
