"""Addresses of ratings."""

urlpatterns = []
