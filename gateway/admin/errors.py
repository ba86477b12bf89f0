"""What staff reads when something is amiss."""

from typing import Any
from urllib.parse import quote

from litestar import Response

from gateway import pages
from gateway.admin.staff import redirect
from gateway.pages import Web


def signed_out(request: Web, _error: Exception) -> Response[bytes]:
    """To the sign-in page, and back to where they were."""
    path = request.url.path if request.method == "GET" else "/admin"
    return redirect(f"/admin/sign-in?next={quote(path)}")


def odd_form(_request: Web, _error: Exception) -> Response[str]:
    """Nothing was done: the page was old, or another site sent the form."""
    return pages.message(
        409,
        "Nothing was changed",
        "This page was open for too long. Please go back, reload it, and press again.",
    )


def refused(_request: Web, error: Any) -> Response[str]:
    """A refusal as a page."""
    heading = "Too many tries" if error.status == 429 else "This is not for you"
    page = pages.message(error.status, heading, f"{error.detail[:1].upper()}{error.detail[1:]}.")
    if error.status == 429:
        page.headers["Retry-After"] = str(error.retry_after_s)
    return page


def away(_request: Web, _error: Exception) -> Response[str]:
    """The records do not answer."""
    return pages.try_again("The records do not answer just now. Nothing was changed.")
