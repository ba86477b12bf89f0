"""The words people answer with, as data: each list with its source and the date it was taken from there.

Words are written as ``rules.keywords`` folds a reply: small letters, no accents, no apostrophes.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class WordList:
    """Keywords of one source. ``as_of``: the day of the rule, or the day the source was read."""

    source: str
    as_of: str
    words: tuple[str, ...]


OPT_OUT_LISTS = (
    WordList(
        "FCC, 47 CFR 64.1200(a)(10), 89 FR 15756; in force 2025-04-11",
        "2024-03-05",
        ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"),
    ),
    WordList(
        "CTIA Messaging Principles 5.1 and the keywords carriers require (AWS End User Messaging lists them)",
        "2026-11-24",
        ("stop", "stop all", "optout", "opt out", "unsub", "remove", "arret", "td"),
    ),
    WordList(
        "Plivo's default opt-out keywords",
        "2026-11-24",
        ("stop", "stop all", "unsubscribe", "unsub", "cancel", "end", "quit", "revoke", "optout", "opt out"),
    ),
    WordList(
        "Spanish: CTIA's ALTO, and what Spanish programs name in their terms",
        "2026-11-24",
        ("alto", "parar", "detener", "baja", "darme de baja", "desuscribir", "cancelar", "no mas", "basta"),
    ),
    WordList(
        "French: CWTA short code guidelines 3.9 (ARRET), and its forms",
        "2026-11-24",
        ("arret", "arreter", "arretez", "desabonner", "desinscrire", "annuler"),
    ),
    WordList(
        "Misspelt, and nothing else", "2026-11-24", ("sotp", "stpo", "unsuscribe", "unsubcribe", "unsubscibe")
    ),
)
OPT_IN_LIST = WordList(
    "Plivo's opt-in keywords; its YES is left out on purpose", "2026-11-24", ("start", "unstop")
)
HELP_LIST = WordList(
    "CTIA (HELP, INFO), CWTA 3.9 (AIDE, INFO), Spanish programs (AYUDA)",
    "2026-11-24",
    ("help", "info", "aide", "ayuda"),
)

CANCEL_WORDS = frozenset({"cancel", "cancelar", "annuler"})
"""The law lists CANCEL; people mean the booking."""
ORDINARY_WORDS = CANCEL_WORDS | {"end", "td"}
"""Opt-outs when they are all of a reply; inside a sentence people mean something else by them."""

_TEXTS = (
    r"(?:(?:the|this|these|those|all|any|your|my|more|of|sending|getting|receiving|sms|text|interview) )*"
    r"(?:texts?|texting|txts?|messages?|messaging|msgs?|sms|reminders?|notifications?|alerts?|list)"
)
_TO_ME = r"(?: (?:to )?(?:me|us|(?:my|this) (?:number|phone|cell)))?"
_MINE = r"(?:me|us|(?:my|this)(?: phone)? number)"
_SEND = r"(?:text|txt|message|msg|contact|sms|bother)"
_NOT = r"(?:dont|do not|never)"
_WANT = r"(?:i )?(?:want|would like|wish|need|id like) to"

STOP_PHRASES = (
    r"(?:reply |text |txt |type |send |say )?stop to (?:opt out|end|cancel|quit|stop)",
    r"(?:reply|text|txt|type|send) stop",
    r"(?:stop|quit|cease)(?: (?:it|this|that|everything|all|immediately))",
    rf"(?:stop|quit|cease) (?:{_SEND}ing|txting|texting|messaging|spamming|harassing|annoying){_TO_ME}",
    rf"(?:stop|quit|cease) sending{_TO_ME}(?: {_TEXTS}){_TO_ME}",
    rf"(?:stop|end|cancel|discontinue|cease|turn off|no more) {_TEXTS}{_TO_ME}",
    rf"un ?sub(?:scribe)?(?: me| us| this number)?(?: from {_TEXTS})?",
    rf"opt(?: me| us)? out(?: (?:of|from) {_TEXTS})?",
    rf"(?:remove|delete) {_MINE}(?: from {_TEXTS})?",
    rf"(?:take|get) {_MINE} (?:off|out)(?: of)?(?: {_TEXTS})?",
    r"(?:lose|forget) (?:my|this) number",
    r"leave (?:me|us) alone",
    rf"{_NOT} (?:ever )?{_SEND} (?:me|us|this number)(?: ever)?",
    rf"{_NOT} send (?:me |us )?{_TEXTS}(?: ever)?",
    rf"(?:i )?(?:{_NOT}|no longer) want {_TEXTS}",
    rf"(?:i )?(?:{_NOT}|no longer) want to (?:get|receive) {_TEXTS}",
    rf"{_WANT} (?:opt out|stop|quit|unsubscribe|be removed|be taken off)(?: (?:of|from))?(?: {_TEXTS})?",
    r"(?:i )?(?:am |m )?opting out",
    r"(?:i )?(?:revoke|withdraw)(?: my)? consent",
    r"no mas (?:mensajes|textos|sms)",
    r"(?:deje|dejen|deja|pare|paren) de (?:enviar|mandar)(?:me)?(?: (?:mensajes|textos|sms))?",
    r"no me (?:envie|envien|mande|manden|escriba|escriban|texteen)(?: mas)?(?: (?:mensajes|textos|sms))?",
    r"(?:quiero )?(?:dar(?:me)?|deme|denme) de baja",
    r"(?:arretez|cessez|arreter) (?:de )?m ?envoyer (?:des|les|vos) (?:messages|textos|sms)",
    r"ne m ?envoyez plus (?:de |d |vos )?(?:messages|textos|sms)",
    r"(?:desabonnez|desinscrivez) moi",
)
"""Short replies that ask for silence as clearly as a keyword, if nothing but courtesy stands around them."""

WRONG_NUMBER_PHRASES = (
    r"(?:i (?:think|believe) )?(?:(?:you|u) (?:must )?(?:have|got|texted) |youve got |this is |its |it is )?"
    r"(?:the |a )?wrong (?:number|person|phone)",
    r"(?:this is|its|it is) (?:not|no longer) (?:his|her|their|that persons) (?:number|phone)(?: any ?more)?",
    r"(?:tiene )?(?:el )?numero equivocado",
    r"(?:vous avez (?:le )?)?mauvais numero",
)

HELP_PHRASES = (r"(?:i )?need help", r"help me", r"more info(?:rmation)?")

COURTESY = (
    r"please",
    r"pl[sz]",
    r"thank (?:you|u)(?: (?:so|very) much)?",
    r"thanks(?: (?:so much|a lot|in advance))?",
    r"thx",
    r"ty",
    r"hi",
    r"hello",
    r"hey",
    r"ok(?:ay)?",
    r"yes",
    r"yeah",
    r"just",
    r"kindly",
    r"sorry",
    r"(?:can|could|would|will) you",
    r"now",
    r"immediately",
    r"asap",
    r"already",
    r"again",
    r"any ?more",
    r"and",
    r"i said",
    r"rally",
    r"have a (?:good|nice|great) (?:day|one)",
    r"por favor",
    r"gracias",
    r"hola",
    r"merci(?: beaucoup)?",
    r"s ?il (?:vous|te) plait",
    r"svp",
    r"bonjour",
)
"""What may stand around a keyword without changing it."""

UNCLEAR_PHRASES = (
    r"opt(?:ed|ing)?(?: me| us)? out",
    r"stop all",
    r"no mas",
    r"un ?subscri\w*",
    rf"{_NOT} {_SEND} (?:me|us|this)",
    rf"{_NOT} send (?:me|us)",
    rf"(?:{_NOT}|no longer) want (?:to (?:get|receive) )?{_TEXTS}",
    r"no more (?:texts?|messages?|msgs?|reminders?)",
    r"take (?:me|us) off",
    r"leave (?:me|us) alone",
    r"wrong (?:number|person)",
    r"spam\w*",
    r"harass\w*",
)
"""Anywhere in a reply: texts are held, and the person is asked."""

CLEARLY_NOT_STOP = (
    rf"(?:i )?(?:{_NOT}|didnt|did not|(?:i)?m not|am not) "
    rf"(?:(?:want|mean|wish)(?: you)? to |say |asking (?:you )?to )?"
    rf"(?:stop|quit|unsubscribe|unsubscribing|opt out|opting out)"
    rf"(?: (?:sending|texting|messaging))?{_TO_ME}(?: {_TEXTS})?{_TO_ME}",
)
"""All of a reply, with no punctuation inside: "don't stop", but not "don't! Stop"."""
