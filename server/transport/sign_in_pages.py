"""The pages of signing in, as HTML; passkeys alone need a script. Everything that came from outside is escaped."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from protocol.errors import ERRORS
from server.errors import FlashError
from server.features.accounts.providers import PATH
from server.identity.port import Provider
from server.mail.port import Mail

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif;
  --ink: light-dark(#1c1f26, #e3e6ec); --paper: light-dark(#f5f5f3, #15171c); --card: light-dark(#fff, #1b1e25);
  --line: light-dark(#8b8f99, #747b89); --accent: light-dark(#3d4bd1, #8c98ff); --on: light-dark(#fff, #12141b);
  --muted: light-dark(#5a606b, #979eab) }
body { margin: 0; background: var(--paper); color: var(--ink); display: grid; place-items: center; min-height: 100vh }
main { background: var(--card); padding: 2rem; border-radius: .75rem; width: min(24rem, 100vw - 6rem) }
h1 { font-size: 1.4rem; margin: 0 0 1rem } h2 { font-size: 1.1rem; margin: 1.75rem 0 .75rem }
p { overflow-wrap: anywhere }
label, input, button, .button { display: block; width: 100%; box-sizing: border-box; font: inherit }
input { margin: .25rem 0 1rem; padding: .6rem; border: 1px solid var(--line); border-radius: .4rem;
  background: transparent; color: inherit }
button, .button { padding: .6rem; border: 0; border-radius: .4rem; background: var(--accent); color: var(--on);
  font-weight: 600; cursor: pointer; text-align: center; text-decoration: none }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.second { background: transparent; color: var(--accent); border: 1px solid var(--accent); margin: 0 0 .75rem }
button:disabled { opacity: .6; cursor: default } .or { text-align: center; margin: .75rem 0; color: var(--muted) }
a:not(.button) { color: var(--accent) }
pre { white-space: pre-wrap; overflow-wrap: anywhere } .muted { color: var(--muted) }
"""

NO_MAIL = "Open the sign-in link that this server's operator gave you. This server sends no mail."


def sign_in_page(
    next_path: str,
    *,
    sends_mail: bool,
    takes_passkeys: bool = False,
    takes_guests: bool = False,
    providers: Sequence[Provider] = (),
) -> HTMLResponse:
    ways = _mail_form(next_path) if sends_mail else ""
    if providers:
        ways += _provider_buttons(next_path, providers, is_first=not ways)
    ways = ways or f"<p>{NO_MAIL}</p>"
    if takes_passkeys:
        ways += _passkey_button(next_path)
    if takes_guests:
        ways += _guest_form(next_path)
    return _page("Sign in to FlashIO", ways)


def _provider_buttons(next_path: str, providers: Sequence[Provider], *, is_first: bool) -> str:
    query = escape(urlencode({"next": next_path}))
    buttons = "".join(
        f'<a class="button second" href="{PATH}/{provider.slug}?{query}">Continue with {escape(provider.name)}</a>'
        for provider in providers
    )
    return buttons if is_first else f'<p class="or">or</p>{buttons}'


def _mail_form(next_path: str) -> str:
    return f"""<form method="post" action="/signin/email">
<input type="hidden" name="next" value="{escape(next_path)}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="email" required autofocus>
<button>Send me a link</button>
</form>
<p class="muted">The link signs you in, once. You need no password.</p>"""


def _passkey_button(next_path: str) -> str:
    """Shown by its script, where the browser has what passkeys need; the other ways work without."""
    return f"""<div id="passkey" data-next="{escape(next_path)}" hidden>
<p class="or">or</p>
<button type="button" class="second">Sign in with a passkey</button>
<p role="alert" hidden></p>
</div>
<script type="module" src="/passkey.js"></script>"""


def _guest_form(next_path: str) -> str:
    return f"""<h2>Only look around</h2>
<form method="post" action="/signin/guest">
<input type="hidden" name="next" value="{escape(next_path)}">
<label for="name">Your name, as others see it</label>
<input id="name" name="name" maxlength="40" autocomplete="nickname">
<button>Come in as a guest</button>
</form>
<p class="muted">Guests read what is public, and can change nothing.</p>"""


def sent_page(email: str) -> HTMLResponse:
    return _page(
        "Look into your mail",
        f"<p>If <strong>{escape(email)}</strong> can sign in here, a link is on its way. "
        "Open it in the browser that you want to work in.</p>"
        '<p class="muted">Nothing after a few minutes? Look among the unwanted mail, then '
        '<a href="/signin">try again</a>.</p>',
    )


def confirm_page(email: str, token: str, next_path: str) -> HTMLResponse:
    """The button exists because programs that scan mails open every link; they press no buttons."""
    return _page(
        "Sign in to FlashIO",
        f"""<p>You are about to sign in as <strong>{escape(email)}</strong>.</p>
<form method="post" action="/signin/confirm">
<input type="hidden" name="email" value="{escape(email)}">
<input type="hidden" name="token" value="{escape(token)}">
<input type="hidden" name="next" value="{escape(next_path)}">
<button autofocus>Sign in</button>
</form>""",
    )


def refused_page(error: FlashError, next_path: str) -> HTMLResponse:
    again = f"/signin?{urlencode({'next': next_path})}"
    return _page(
        "That did not work",
        f'<p role="alert">{escape(str(error))}</p><p><a href="{escape(again)}">Sign in</a></p>',
        ERRORS[error.code].http_status,
    )


def mails_page(mails: list[Mail]) -> HTMLResponse:
    """Development's mailbox, newest first, with the links made to be clicked."""
    shown = "".join(
        f"<article><h2>{escape(mail.subject)}</h2><p>To {escape(mail.to)}</p><pre>{_linked(mail.text)}</pre></article>"
        for mail in mails
    )
    return _page("Mail that this server would have sent", shown or "<p>None yet.</p>")


def _linked(text: str) -> str:
    def shown(line: str) -> str:
        is_link = line.startswith(("http://", "https://"))
        return f'<a href="{escape(line)}">{escape(line)}</a>' if is_link else escape(line)

    return "\n".join(shown(line) for line in text.splitlines())


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    return HTMLResponse(html, status, headers={"cache-control": "no-store"})
