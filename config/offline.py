"""What a browser needs to go on without a connection: the service worker at the root, and the page it falls back on."""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

SUFFIXES = (".css", ".js", ".svg", ".woff2")


@login_not_required
@require_safe
def service_worker(request):
    """Return the service worker's script: the one that does the work, told where this installation's files are."""
    version, files = static_files()
    told = {
        "version": version,
        "files": files,
        "static": settings.STATIC_URL,
        "offline": reverse("offline"),
        "accounts": [resolve_url(settings.LOGIN_URL), reverse("account_logout")],
    }
    script = f"import {{ start }} from {json.dumps(staticfiles_storage.url('js/sw.js'))};\nstart({json.dumps(told)});\n"
    response = HttpResponse(script, content_type="text/javascript")
    response["Service-Worker-Allowed"] = "/"
    response["Cache-Control"] = "no-cache"
    return response


@login_not_required
@require_safe
def offline(request):
    """Return the page for when there is no connection. It knows nobody, so that any browser may keep it."""
    response = HttpResponse(render_to_string("offline.html"))
    response["Cache-Control"] = "no-cache"
    return response


def static_files():
    """Return (version, addresses) of the files that pages load. The version changes when any of them does.

    A script appears under two addresses where names are hashed: pages ask for the hashed one, scripts for each other
    by their plain names.
    """
    digest = hashlib.sha256()
    addresses = []
    folder = settings.BASE_DIR / "static"
    for path in sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES):
        name = path.relative_to(folder).as_posix()
        digest.update(name.encode() + path.read_bytes())
        addresses.append(staticfiles_storage.url(name))
        if path.suffix == ".js":
            addresses.append(settings.STATIC_URL + name)
    digest.update(render_to_string("offline.html").encode())
    return digest.hexdigest()[:16], list(dict.fromkeys(addresses))
