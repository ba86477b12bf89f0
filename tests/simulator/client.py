"""The real plivo SDK, pointed at the simulator."""

import plivo


class PlivoClient(plivo.RestClient):
    """The SDK with a base address of its own: it resets `base_uri` to the real one on every request."""

    def __init__(self, auth_id: str, auth_token: str, url: str, timeout_s: float = 2.0) -> None:
        self._base = url + "/v1/Account"
        super().__init__(auth_id, auth_token, timeout=timeout_s)

    @property
    def base_uri(self) -> str:
        return self._base

    @base_uri.setter
    def base_uri(self, _: str) -> None:
        pass

    def send_request(self, request: object, **more: object) -> object:
        return super().send_request(request, **{"allow_redirects": False, **more})
