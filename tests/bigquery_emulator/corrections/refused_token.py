"""Stock bqemulator accepts every access token; BigQuery answers 401 to one that is wrong or has expired.

Seen: nothing ever fails for want of credentials. Here one token is wrong, `refused`; every other, or none, is right.
"""

from __future__ import annotations

from typing import Any

import bqemulator.server
from starlette.responses import JSONResponse

from tests.bigquery_emulator.corrections.wrapping import around

REFUSED_TOKEN = "refused"
MESSAGE = "Request had invalid authentication credentials. Expected OAuth 2 access token."
ANSWER = {
    "error": {
        "code": 401,
        "message": MESSAGE,
        "status": "UNAUTHENTICATED",
        "errors": [{"message": "Invalid Credentials", "domain": "global", "reason": "authError"}],
    }
}


class TokenCheck:
    """Stands before the REST application and answers in its place to a request with the refused token."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", []))
        refused = headers.get(b"authorization") == f"Bearer {REFUSED_TOKEN}".encode()
        answering = JSONResponse(ANSWER, status_code=401) if refused else self.application
        await answering(scope, receive, send)


def apply() -> None:
    """Check the token of every REST request; both the connector and the clients send one before they use gRPC."""

    @around(bqemulator.server, "create_app")
    def create_app(stock: Any, context: Any) -> Any:
        application = stock(context)
        application.add_middleware(TokenCheck)
        return application
