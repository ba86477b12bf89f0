import pytest

from gateway.outside_links import allowed_link

HOSTS = ["Meet.example ", "rally.example"]


@pytest.mark.parametrize(
    "url",
    [
        "https://meet.example",
        "https://meet.example/j/1?pwd=a%20b&x=y#z",
        "http://MEET.example:8443/j",
        "https://rally.example?x",
    ],
)
def test_a_plain_address_of_an_allowed_host_is_a_link(url: str) -> None:
    assert allowed_link(url, HOSTS) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/j",
        "https://meet.example.evil.example/",
        "https://meet.example@evil.example/",
        "https://evil.example@meet.example/",
        "https://evil.example\\@meet.example/",
        "https://meet.example\\@evil.example/",
        "https://meet.example\\.evil.example/",
        "https://meet.example:99999999/",
        "https://meet.example/ x",
        "https://meet.example/\nx",
        "javascript:alert(1)//meet.example/",
        "//meet.example/",
        "https://m\u00e9et.example/",
        "",
        None,
    ],
)
def test_nothing_else_is(url: str | None) -> None:
    assert allowed_link(url, HOSTS) is None


@pytest.mark.parametrize("hosts", [None, [], True, "meet.example"])
def test_without_a_list_of_hosts_no_address_is(hosts: list[str] | str | bool | None) -> None:
    assert allowed_link("https://meet.example/", hosts) is None
