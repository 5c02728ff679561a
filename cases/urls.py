"""Addresses of cases: the sample, the task list, the form, history and submission."""

app_name = "cases"
urlpatterns = []
