"""The way back to the percentage that somebody came from, carried along in the addresses of a case as `?from=`."""

from urllib.parse import urlencode

from django.urls import reverse


def came_from(request, case):
    """Return the code of the rated question behind whose percentage the person was, or ""."""
    question = case.questions.get(request.GET.get("from", ""))
    return question.code if question and question.kind == "rated" else ""


def carried(url, code):
    """Return an address, without a fragment, with the way back in it; as it is where there is none."""
    return f"{url}?{urlencode({'from': code})}" if code else url


def way_back(case, code):
    """Return where the back link of a page of the case leads, as context; nothing where nobody came from a percentage."""
    if not code:
        return {}
    return {
        "back_url": f"{reverse('ratings:question', args=[case.inspection.public_id, code])}#case-{case.public_id}",
        "back_text": f"Back to what is behind {code}",
    }
