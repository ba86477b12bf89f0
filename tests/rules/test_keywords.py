"""What replies mean: keywords however typed, phrases, sentences, and what must never opt anyone in."""

# ruff: noqa: RUF001 (look-alike characters are the subject here)

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.keywords import Kind, classify, contains_opt_out
from rules.texts import TEMPLATES
from rules.words import HELP_LIST, OPT_IN_LIST, OPT_OUT_LISTS, ORDINARY_WORDS

LISTED = sorted({word for listed in OPT_OUT_LISTS for word in listed.words})


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        # keywords, exact
        ("STOP", "opt_out", "stop"),
        ("stop", "opt_out", "stop"),
        ("StopAll", "opt_out", "stop all"),
        ("STOP ALL", "opt_out", "stop all"),
        ("OPT-OUT", "opt_out", "opt out"),
        ("END", "opt_out", "end"),
        ("Cancel", "opt_out", "cancel"),
        ("ARRÊT", "opt_out", "arret"),
        ("¡ALTO!", "opt_out", "alto"),
        ("No más", "opt_out", "no mas"),
        # folded
        (" Stop. \n", "opt_out", "stop"),
        ("“STOP”", "opt_out", "stop"),
        ("ＳＴＯＰ", "opt_out", "stop"),  # full width
        ("ⓈⓉⓄⓅ", "opt_out", "stop"),  # circled
        ("S T O P", "opt_out", "stop"),  # spelt
        ("s.t.o.p", "opt_out", "stop"),
        ("st op", "opt_out", "stop"),
        ("u:n:s:u:b:c:ribe", "opt_out", "unsubcribe"),  # spelt in part, with a shorter keyword in it
        ("un-subscribe", "opt_out", "unsubscribe"),
        ("s\u200bt\u00ado\ufeffp", "opt_out", "stop"),  # invisible characters between
        ("stop\u3164", "opt_out", "stop"),  # a letter that shows as blank
        ("QUİT", "opt_out", "quit"),  # Turkish keyboards
        ("quıt", "opt_out", "quit"),
        ("stóp", "opt_out", "stop"),
        ("🛑", "opt_out", "stop"),
        ("🛑️ please", "opt_out", "stop"),
        ("STOPPPP!!!", "opt_out", "stop"),  # letters held down
        ("Stooop", "opt_out", "stop"),
        ("unsuscribe", "opt_out", "unsuscribe"),  # misspelt
        # nothing but keywords
        ("stop stop STOP", "opt_out", "stop"),
        ("stop cancel end", "opt_out", "stop"),
        # courtesy around it
        ("Please stop", "opt_out", "stop"),
        ("Stop. Thank you", "opt_out", "stop"),
        ("Hi, can you please stop now? Thanks so much!", "opt_out", "stop"),
        ("Yes stop", "opt_out", "stop"),  # an answer to our question
        ("stop por favor", "opt_out", "stop"),
        # phrases
        ("stop texting me", "opt_out", "stop texting me"),
        ("Please stop sending text reminders", "opt_out", "stop sending text reminders"),
        ("Cancel these texts", "opt_out", "cancel these texts"),
        ("unsubscribe me from this list please", "opt_out", "unsubscribe me from this list"),
        ("take me off your list", "opt_out", "take me off your list"),
        ("remove my number", "opt_out", "remove my number"),
        ("no more texts!!", "opt_out", "no more texts"),
        ("Don’t text me again.", "opt_out", "dont text me"),
        ("do not contact me", "opt_out", "do not contact me"),
        ("I don't want these messages anymore", "opt_out", "i dont want these messages"),
        ("i want to opt out", "opt_out", "i want to opt out"),
        ("leave me alone", "opt_out", "leave me alone"),
        ("STOP to end", "opt_out", "stop to end"),  # our words, echoed
        ("reply stop", "opt_out", "reply stop"),
        ("deje de enviarme mensajes", "opt_out", "deje de enviarme mensajes"),
        ("Arrêtez de m’envoyer des textos svp", "opt_out", "arretez de menvoyer des textos"),
        ("Stop texting me. I revoke my consent", "opt_out", "stop texting me"),  # two at once
        ("stop, wrong number", "opt_out", "stop"),  # silence outweighs
        ("help stop", "opt_out", "stop"),
        # inside a sentence: asked
        ("I will stop by the office at 3", "held", "stop"),
        ("at the bus stop, be right there", "held", "stop"),
        ("can you stop the meeting early", "held", "stop"),
        ("I quit my job so mornings work now", "held", "quit"),
        ("remove the second question", "held", "remove"),
        ("I am s t o p ping this", "held", "stop"),  # spelt, inside
        ("stop texting me after 9pm only", "held", "stop"),
        ("Hi it's Bob, I cant make it. Please stop texting me, my mom is ill", "held", "stop"),
        ("this is spam", "held", "spam"),
        ("how do I unsubscribe?", "held", "unsubscribe"),
        ("is there a way of opting out", "held", "opting out"),
        ("STOP START", "held", "stop"),
        ("2 stop", "held", "stop"),
        # but END and CANCEL are ordinary words there
        ("When does the interview end?", "other", "end"),
        ("please cancel my interview", "other", "cancel"),
        ("please cancel", "other", "cancel"),
        ("quiero cancelar la entrevista", "other", "cancelar"),
        ("I bank with TD", "other", "td"),
        # clearly not: nothing is stopped
        ("don't stop", "other", "not stop"),
        ("Please do not stop the texts", "other", "not stop"),
        ("I didn't mean to unsubscribe", "other", "not unsubscribe"),
        ("don’t stop texting me", "other", "not stop"),
        # in doubt: asked
        ("Don't! Stop", "held", "stop"),
        ("dont, stop texting me", "held", "stop"),
        ("don't stop until I say so", "held", "stop"),
        ("why did you stop", "held", "stop"),
        # wrong number
        ("wrong number", "wrong_number", "wrong number"),
        ("Sorry, I think you have the wrong number", "wrong_number", "i think you have the wrong number"),
        ("You've got the wrong person.", "wrong_number", "youve got the wrong person"),
        ("this is no longer her number", "wrong_number", "this is no longer her number"),
        ("número equivocado", "wrong_number", "numero equivocado"),
        ("did I dial the wrong number for the Zoom", "held", "wrong number"),
        # opt in: these two words alone
        ("START", "opt_in", "start"),
        ("start!", "opt_in", "start"),
        ("Unstop", "opt_in", "unstop"),
        ("u n s t o p", "opt_in", "unstop"),
        ("YES", "other", ""),
        ("yes please", "other", ""),
        ("starts", "other", ""),
        ("start please", "other", ""),
        ("restart", "other", ""),
        ("startt", "other", ""),
        ("subscribe", "other", ""),
        ("opt in", "other", ""),
        ("please start texting me", "other", ""),
        # help
        ("HELP", "help", "help"),
        ("Info?", "help", "info"),
        ("AIDE", "help", "aide"),
        ("¡Ayuda!", "help", "ayuda"),
        ("h e l p", "help", "help"),
        ("help please", "help", "help"),
        ("i need help", "help", "i need help"),
        ("can you help me with the link", "other", ""),
        # anything else
        ("", "other", ""),
        ("  \n", "other", ""),
        ("👍", "other", ""),
        ("ok thanks", "other", ""),
        ("C", "other", ""),
        ("I'll be 5 minutes late", "other", ""),
        ("get me the link", "other", ""),
        ("take me there", "other", ""),
        ("nonstop fun", "other", ""),
        ("unstoppable", "other", ""),
        ("weekend", "other", ""),
        ("\ud800", "other", ""),
    ],
)
def test_meaning(text: str, kind: Kind, word: str) -> None:
    reply = classify(text, "")
    assert (reply.kind, reply.word) == (kind, word)


@pytest.mark.parametrize(
    ("text", "intent", "kind", "word"),
    [
        ("STOP", "optout", "opt_out", "stop"),
        ("adios", "optout", "opt_out", "intent:optout"),  # a keyword of theirs that is none of ours
        ("START", "optout", "opt_out", "intent:optout"),  # in doubt, silence
        ("don't stop", "optout", "opt_out", "intent:optout"),
        ("START", "optin", "opt_in", "start"),
        ("YES", "optin", "other", ""),  # never by "yes"
        ("stop", "optin", "opt_out", "stop"),
        ("START", "", "opt_in", "start"),
        ("hulp", "help", "help", "intent:help"),
        ("HELP", "help", "help", "help"),
        ("stop helping", "help", "held", "stop"),  # ours outweighs
        ("wrong number", "help", "wrong_number", "wrong number"),
    ],
)
def test_the_carriers_reading(text: str, intent: str, kind: Kind, word: str) -> None:
    reply = classify(text, intent)
    assert (reply.kind, reply.word) == (kind, word)


@pytest.mark.parametrize(
    ("text", "intent", "cancel"),
    [
        ("CANCEL", "", True),
        ("c.a.n.c.e.l", "", True),
        ("cancelll", "", True),
        ("CANCEL", "optout", True),
        ("stop, cancel", "", True),
        ("please cancel my interview", "", True),  # in a sentence too
        ("can't make it, cancel, stop texting", "", True),
        ("annuler", "", True),
        ("Cancelar", "", True),
        ("i cancel it all", "optout", True),
        ("STOP", "", False),
        ("cancel these texts", "", False),  # they mean the texts
        ("is it cancelled?", "", False),
        ("END", "", False),
    ],
)
def test_cancel_is_noticed(text: str, intent: str, cancel: bool) -> None:
    assert classify(text, intent).cancel is cancel


OURS = TEMPLATES["confirmation"].format(ws="Acme", when="Tue Nov 24, 3:00 PM EST", link="https://t.co/m/x")
UNCLEAR = TEMPLATES["reply_unclear"].format(link="https://t.co/m/x")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"Liked “{OURS}”", "other"),  # a tapback repeats our words
        (f"👍 to “{OURS}”", "other"),
        (f'Disliked "{OURS}"', "other"),
        (f"Loved “{UNCLEAR}”", "other"),
        (f"Emphasized “{OURS}", "other"),  # cut at the end
        (f"“{OURS}” STOP", "opt_out"),  # quoted, and answered
        (f"stop “{OURS}”", "opt_out"),
        (f"“{OURS}” I will stop by", "held"),
        (OURS, "held"),  # not quoted: in doubt
        ("“Rally: stop”", "opt_out"),  # not our words
    ],
)
def test_a_quoted_text_of_ours_is_not_the_participants(text: str, kind: Kind) -> None:
    assert classify(text, "").kind == kind


# However typed

INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202c\u2066\u2069\ufe0f\u034f\u180e\x00\x07"
)
BLANKS = " \t\n\r\u00a0\u2002\u2009\u202f\u3000\u2800\u3164"
MARKS = ".,;:!?*#-_~/\\|()[]{}<>\"'“”‘’«»…–—¡¿+=&%@^`"
ACCENTS = "\u0301\u0300\u0308\u0302"


@st.composite
def typed(draw: st.DrawFn, words: list[str]) -> str:
    """A keyword in any case and width, with marks, blanks, accents and invisible characters anywhere."""
    word = draw(st.sampled_from(words))
    between = st.text(
        alphabet=INVISIBLE + draw(st.sampled_from(["", BLANKS, MARKS, BLANKS + MARKS])), max_size=2
    )
    around = st.text(alphabet=INVISIBLE + BLANKS + MARKS, max_size=5)

    def letter(char: str) -> str:
        shape = draw(st.sampled_from(["plain", "upper", "wide", "wide_upper", "accent", "held"]))
        if shape == "held":
            return char * draw(st.integers(1, 4))
        char = char.upper() if "upper" in shape else char
        char = chr(ord(char) + 0xFEE0) if "wide" in shape and "!" <= char <= "~" else char
        return char + draw(st.sampled_from(ACCENTS)) if shape == "accent" else char

    return draw(around) + "".join(letter(char) + draw(between) for char in word) + draw(around)


@settings(max_examples=500)
@given(typed(LISTED))
def test_no_keyword_however_typed_falls_through(text: str) -> None:
    assert classify(text, "").kind == "opt_out"
    assert classify(text, "optin").kind == "opt_out"


@given(
    st.sampled_from([word for word in LISTED if word not in ORDINARY_WORDS]),
    st.sampled_from([str.upper, str.title, lambda w: w.translate({i: i + 0xFEE0 for i in range(97, 123)})]),
    st.sampled_from(["please {}", "{}. Thank you!", "Hi, {} now pls", "can you {}?? asap", "{} por favor"]),
)
def test_courtesy_hides_no_keyword(word: str, shape: Callable[[str], str], frame: str) -> None:
    assert classify(frame.format(shape(word)), "").kind == "opt_out"


@given(st.sampled_from(LISTED), st.text(max_size=40), st.text(max_size=40))
def test_a_keyword_in_a_sentence_never_goes_unseen(word: str, before: str, after: str) -> None:
    reply = classify(f"{before} xyzzy {word} xyzzy {after}", "")
    assert reply.kind in ("opt_out", "held") or word in ORDINARY_WORDS


@given(st.text(max_size=200), st.sampled_from(["", "optin", "help", "optout", "else"]))
def test_any_text_has_a_meaning_and_only_two_words_opt_in(text: str, intent: str) -> None:
    reply = classify(text, intent)
    assert len(reply.word) <= 200
    assert reply.kind != "opt_in" or reply.word in OPT_IN_LIST.words
    assert intent != "optout" or reply.kind == "opt_out"


@given(typed(sorted(HELP_LIST.words)))
def test_help_however_typed_is_never_an_opt_out(text: str) -> None:
    assert classify(text, "").kind in ("help", "other")


@pytest.mark.parametrize(
    ("raw", "holds"),
    [
        (b"From=%2B12125550123&Text=STOP&To=1", True),
        (b"Text=%53top", True),  # percent-encoded
        (b"Text=%2553TOP", True),  # twice
        (b"Text=s+t+o+p&x", True),
        (b"Text=\xff\xfe STOP \xff", True),  # not UTF-8
        ("STOP".encode("utf-16"), True),
        (b"Text=arr%C3%AAt", True),
        (b"Text=END", True),  # here even in a sentence
        (b"Text=please+cancel", True),
        (b"MessageIntent=optout&Text=", True),
        (b"Text=opt+me+out", True),
        (b'{"text": "leave me alone"}', True),
        (b"Text=hello&To=1", False),
        (b"", False),
        (b"Text=unstoppable", False),
    ],
)
def test_bodies_that_cannot_be_read(raw: bytes, holds: bool) -> None:
    assert contains_opt_out(raw) is holds


@given(st.binary(max_size=300))
def test_any_body_gets_an_answer(raw: bytes) -> None:
    assert contains_opt_out(raw) in (True, False)


@given(st.sampled_from(LISTED), st.binary(max_size=40))
def test_no_opt_out_word_is_parked_unread(word: str, noise: bytes) -> None:
    assert contains_opt_out(b"Text=" + word.encode() + b"&x=" + noise.replace(b"%", b""))


def test_lists_are_dated_and_folded() -> None:
    for listed in (*OPT_OUT_LISTS, OPT_IN_LIST, HELP_LIST):
        assert listed.source
        assert listed.as_of >= "2024"
        assert all(word == word.lower().strip() and word.isascii() for word in listed.words)
    every = {word.replace(" ", "") for word in LISTED}
    assert not every & set(OPT_IN_LIST.words) | every & set(HELP_LIST.words)
    assert "yes" not in OPT_IN_LIST.words
