"""The page behind the link in a message: what fires, and a form to say that somebody is on it."""

from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from html import escape

from ..model.alerts import AlertRecord

LONGEST_AUTHOR, LONGEST_COMMENT = 100, 1000
_SHOWN = 200  # Characters of a name; labels can be much longer than a phone is wide.

STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; overflow-wrap: anywhere; margin: .5rem 0; }
p, dd { overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0 0 1rem; }
dt { font-weight: 600; } dd { margin: 0; }
label { display: block; font-weight: 600; margin-top: .75rem; }
input, textarea, button { font: inherit; box-sizing: border-box; width: 100%; padding: .6rem; }
button { margin-top: 1rem; font-weight: 600; min-height: 3rem; cursor: pointer; }
.note { font-size: .9rem; opacity: .8; }
#say { min-height: 1.5rem; font-weight: 600; }
"""

# It sends the token as a header, so no other site can make a browser acknowledge anything.
SCRIPT = r"""
(() => {
  "use strict";
  const field = (id) => document.getElementById(id);
  const fp = new URLSearchParams(location.search).get("fp") || "";
  const memory = window.sessionStorage;
  const say = (text) => { field("say").textContent = text; };
  const ask = async (method, body) => {
    const headers = {
      "Accept": "application/json",
      "Authorization": "Bearer " + field("token").value.trim(),
    };
    if (body) headers["Content-Type"] = "application/json";
    const url = location.pathname + (body ? "" : "?fp=" + encodeURIComponent(fp));
    const answer = await fetch(url, {
      method, headers, body: body && JSON.stringify(body),
      credentials: "omit", cache: "no-store", redirect: "error",
    });
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.message);
    memory.setItem("token", field("token").value.trim());
    return found;
  };
  const row = (name, text) => {
    const term = document.createElement("dt");
    const value = document.createElement("dd");
    term.textContent = name;
    if (/^https?:\/\//.test(text)) {
      const link = document.createElement("a");
      link.href = text;
      link.rel = "noreferrer";
      link.textContent = text;
      value.append(link);
    } else {
      value.textContent = text;
    }
    field("details").append(term, value);
  };
  const show = (alert) => {
    field("details").replaceChildren();
    for (const name of ["summary", "description", "runbook_url", "dashboard_url"]) {
      if (alert.annotations[name]) row(name.replace("_url", ""), alert.annotations[name]);
    }
    for (const [name, text] of Object.entries(alert.labels)) row(name, text);
    if (alert.acknowledged) {
      const said = alert.acknowledged;
      say("Acknowledged by " + said.author + ", " + new Date(said.at * 1000).toLocaleString());
      field("form").hidden = true;
    } else if (alert.status !== "firing") {
      say("It has ended; there is nothing to acknowledge.");
      field("form").hidden = true;
    }
  };
  field("token").value = memory.getItem("token") || "";
  field("author").value = memory.getItem("author") || "";
  if (field("token").value) {
    ask("GET").then(show).catch((error) => say(error.message));
  }
  field("form").addEventListener("submit", (event) => {
    event.preventDefault();
    say("Sending...");
    memory.setItem("author", field("author").value.trim());
    ask("POST", {
      fp, author: field("author").value.trim(), comment: field("comment").value.trim(),
    }).then(show).catch((error) => say(error.message));
  });
})();
"""


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src {_hash(STYLE)}; "
    f"script-src {_hash(SCRIPT)}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def alert_page(record: AlertRecord | None) -> str:
    """Return the page of an alert; None gives one that shows nothing before a token is typed."""
    head = "<h1>Acknowledge an alert</h1>" if record is None else _preview(record)
    return _page(
        "Acknowledge an alert",
        f"""{head}
<dl id="details"></dl>
<p id="say" role="status"></p>
<form id="form" autocomplete="off">
<label for="token">Token with the scope ack</label>
<input id="token" type="password" required maxlength="200" autocapitalize="off" spellcheck="false">
<label for="author">Your name</label>
<input id="author" required maxlength="{LONGEST_AUTHOR}" autocomplete="name">
<label for="comment">Comment</label>
<textarea id="comment" rows="2" maxlength="{LONGEST_COMMENT}"></textarea>
<button>I am on it</button>
</form>
<p class="note">It stops the escalation and nothing else: the alert goes on until it ends.
The token stays in this tab until you close it.</p>
<noscript><p>This page needs its script. Without it, send
<code>POST /ack</code> as the documentation says.</p></noscript>
<script>{SCRIPT}</script>""",
    )


def nothing_page() -> str:
    """Return the page of a link that leads nowhere; it does not say why."""
    return _page("Nothing here", "<h1>There is nothing to acknowledge here.</h1>")


def _preview(record: AlertRecord) -> str:
    alert = record.alert
    since = datetime.fromtimestamp(alert.starts_at, UTC)
    state = "firing" if record.is_firing else "ended"
    if record.is_firing and record.acknowledgement is not None:
        state = "firing, acknowledged"
    bot = f"<dt>Bot</dt><dd>{escape(alert.bot[:_SHOWN])}</dd>" if alert.bot else ""
    return f"""<h1>{escape(alert.name[:_SHOWN])}</h1>
<dl>{bot}<dt>Since</dt><dd><time datetime="{since:%Y-%m-%dT%H:%M:%SZ}">{since:%Y-%m-%d %H:%M} UTC\
</time></dd><dt>State</dt><dd>{state}</dd></dl>"""


def _page(title: str, body: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
