"""The page of a case beside its standards: the notebook, the interview, and what is to be asked there."""

from django.views.decorators.http import require_http_methods

from cases.instrument import PAGE
from cases.views.form import answer_page


@require_http_methods(["GET", "HEAD", "POST"])
def interview(request, case):
    """Show the notebook and the interview sheet of a case, or save them."""
    return answer_page(request, case, lambda case: PAGE)
