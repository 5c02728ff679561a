"""The product's own web server on a free port, for as long as something is measured."""

import http.client
import os
import sys
from contextlib import contextmanager, suppress

from tests import servers
from tests.servers import Process


@contextmanager
def web_server(folder, *arguments, **env):
    """Run gunicorn with the product's settings; give its `Process` and its port."""
    port = servers.free_port()
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "--config", "config/gunicorn.py", *arguments]
    environment = os.environ | {"BIND": f"127.0.0.1:{port}"} | env
    web = Process([*command, "config.wsgi"], log=folder / "web.log", env=environment)
    try:
        web.wait_until(lambda: _answers(port), "The web server")
        yield web, port
    finally:
        web.stop()


def _answers(port):
    with suppress(OSError):
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        asked.request("GET", "/healthz")
        return asked.getresponse().status == 200
    return False
