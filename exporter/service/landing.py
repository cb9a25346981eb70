"""The page a person sees who opens the internal listener."""

from html import escape

from .. import __version__

_LINKS = (
    ("/metrics", "Metrics", "what Prometheus scrapes"),
    ("/-/ready", "Readiness", "200 while events are taken"),
    ("/-/healthy", "Health", "200 while the process lives"),
)

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } code { font-size: .9em; }
dt { font-weight: 600; margin-top: .75rem; } dd { margin: 0; }
.state { display: inline-block; padding: .1rem .6rem; border: 1px solid; border-radius: 1rem; }
"""


def landing_page(*, state: str, why: str, bots: int, ingest_address: str) -> str:
    """Return the HTML; it loads nothing and needs no script."""
    waiting = f" ({escape(why)})" if why else ""
    links = "".join(
        f'<dt><a href="{path}">{name}</a></dt><dd>{what}</dd>' for path, name, what in _LINKS
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>bot_exporter</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>bot_exporter {escape(__version__)}</h1>
<p>State: <strong class="state">{escape(state)}</strong>{waiting}</p>
<p>Bots known: {bots}</p>
<dl>{links}</dl>
<h2>Send events</h2>
<p>Bots send them to <code>POST http://{escape(ingest_address)}/v1/events</code>
with a bearer token. The same listener serves <code>/openapi.json</code> and
<code>/v1/schema</code>.</p>
</main>
</body>
</html>
"""
