"""A small OpenID Connect provider that the tests run: it signs in whomever a test says, and can be told to lie."""

import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT, SECRET = "evenhand", "secret of the client"


class OpenIDProvider:
    """The provider. `person` are the claims of whoever signs in next, `lies` what is said otherwise than it should be."""

    def __init__(self):
        self.person = {"sub": "1001", "email": "", "email_verified": True}
        self.lies = {}
        self.in_userinfo = False
        self.asked = []
        self.codes = {}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.another_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path, query = urlsplit(self.path).path, one_of_each(urlsplit(self.path).query)
                answers = {
                    "/.well-known/openid-configuration": provider.configuration,
                    "/keys": provider.keys,
                    "/userinfo": lambda: provider.userinfo(self.headers["Authorization"]),
                }
                if path == "/authorize":
                    self.send_response(303)
                    self.send_header("Location", provider.authorized(query))
                    self.end_headers()
                else:
                    self.answer(*answers[path]())

            def do_POST(self):
                body = one_of_each(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.answer(*provider.token(body))

            def answer(self, content, status=200):
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def configuration(self):
        held = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        return (held | self.lies.get("configuration", {}),)

    def keys(self):
        if "keys" in self.lies:
            return (self.lies["keys"],)
        return ({"keys": [RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True) | {"kid": "1", "use": "sig"}]},)

    def authorized(self, query):
        """Return where the browser goes on to, as if the person had signed in at once."""
        self.asked.append(query)
        if "error" in self.lies:
            return f"{query['redirect_uri']}?{urlencode({'error': self.lies['error'], 'state': query['state']})}"
        code = secrets.token_urlsafe(8)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, body):
        asked = self.codes.pop(body.get("code"), None)
        proof = urlsafe_b64encode(sha256(body.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        if (
            asked is None
            or (body.get("client_id"), body.get("client_secret")) != (CLIENT, SECRET)
            or asked["code_challenge"] != proof
            or asked["redirect_uri"] != body["redirect_uri"]
        ):
            return {"error": "invalid_grant"}, 400
        return ({"access_token": "opens userinfo", "token_type": "Bearer", "id_token": self.id_token(asked)},)

    def id_token(self, asked):
        now = int(time.time())
        told = {"sub": self.person["sub"]} if self.in_userinfo else self.person
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **told}
        if asked.get("max_age") == "0":
            claims["auth_time"] = now
        claims = {name: value for name, value in (claims | self.lies.get("claims", {})).items() if value is not None}
        algorithm, headers = self.lies.get("algorithm", "RS256"), {"kid": self.lies.get("kid", "1")}
        return jwt.encode(claims, self.lies.get("key", self.key), algorithm, headers)

    def userinfo(self, authorization):
        assert authorization == "Bearer opens userinfo"
        return (self.person | self.lies.get("userinfo", {}),)


def one_of_each(query):
    return {name: values[0] for name, values in parse_qs(query).items()}
