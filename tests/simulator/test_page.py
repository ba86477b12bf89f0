"""The page of phones, without a browser: what it shows and what its forms do."""

from html.parser import HTMLParser

import pytest

from simulator.page import linked
from tests.simulator.carrier import Carrier
from tests.simulator.conftest import Start


class Elements(HTMLParser):
    """All start tags of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("no link <b>", "no link &lt;b&gt;"),
        ("go https://a.b/c?d=1&e=2. Bye", 'href="https://a.b/c?d=1&amp;e=2"'),
        ('https://a.b/"onclick="x', 'href="https://a.b/"'),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("(see http://a.b/c)", 'href="http://a.b/c"'),
    ],
)
def test_links_and_nothing_else(text: str, html: str) -> None:
    assert html in linked(text)
    assert linked(text).count("<a ") == text.count("http")


def test_texts_appear_escaped_with_tappable_links(carrier: Carrier) -> None:
    carrier.send("+12025550701", "<script>alert(1)</script> https://example.org/m/1 Reply STOP")
    html = carrier.http.get("/").text
    assert "<script>alert" not in html
    assert {"href": "https://example.org/m/1", "target": "_blank", "rel": "noopener"} in Elements(html).of(
        "a"
    )


def test_nothing_comes_from_elsewhere(carrier: Carrier) -> None:
    answer = carrier.http.get("/")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    page = Elements(answer.text)
    sources = [tag["src"] for tag in page.of("script")] + [tag["href"] for tag in page.of("link")]
    assert sources == ["/static/phones.js", "data:,", "/static/phones.css"]
    assert carrier.http.get("/static/phones.js").status_code == 200
    assert carrier.http.get("/static/phones.css").status_code == 200


def test_every_box_has_a_label_and_every_phone_a_name(carrier: Carrier) -> None:
    carrier.admin("phones", {"number": "+12025550702"})
    page = Elements(carrier.http.get("/").text)
    labelled = {label["for"] for label in page.of("label")}
    assert {box["id"] for box in page.of("input")} <= labelled
    headings = {heading.get("id") for heading in page.of("h2")}
    assert {phone["aria-labelledby"] for phone in page.of("article")} == headings


def test_a_phone_is_added_and_replies_by_its_form(carrier: Carrier) -> None:
    number = "+12025550703"
    added = carrier.http.post("/phones", data={"number": "+1 (202) 555-0703"})
    assert (added.status_code, added.headers["location"]) == (303, "/#phone-12025550703")
    forms = [form["action"] for form in Elements(carrier.http.get("/").text).of("form")]
    form = f"/phones/%2B{number[1:]}/replies"
    assert form in forms
    for data in ({"text": "see you"}, {"text": "typed", "quick": "HELP"}, {"text": ""}):
        assert carrier.http.post(form, data=data).status_code == 303
    typed = [bubble["text"] for bubble in carrier.bubbles(number) if bubble["side"] == "typed"]
    assert typed == ["see you", "HELP"]


def test_the_screens_renew_only_when_something_changed(start: Start) -> None:
    with start() as carrier:
        assert "No texts yet" in carrier.http.get("/").text
        carrier.ends(carrier.send("+12025550704"), "delivered", "000")
        fresh = carrier.http.get("/screens?after=-1")
        [screens] = [tag for tag in Elements(fresh.text).of("div") if tag.get("id") == "screens"]
        assert carrier.http.get(f"/screens?after={screens['data-version']}").status_code == 204
        carrier.reply("+12025550704", "STOP")
        renewed = carrier.http.get(f"/screens?after={screens['data-version']}")
        assert "opted out at the carrier" in renewed.text


def test_what_went_wrong_is_shown(carrier: Carrier) -> None:
    number = "+12025550705"
    carrier.behave(number, "undelivered:80")
    carrier.ends(carrier.send(number), "undelivered", "80")
    html = carrier.http.get("/").text
    assert "undelivered (80)" in html
    assert any("lost" in (item.get("class") or "") for item in Elements(html).of("li"))


def test_an_unknown_phone(carrier: Carrier) -> None:
    assert carrier.http.get("/admin/phones/+12025550799").status_code == 404
