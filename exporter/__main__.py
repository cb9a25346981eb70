"""``python -m exporter`` is ``bot-exporter``."""

import sys

from .cli.main import main

sys.exit(main())
