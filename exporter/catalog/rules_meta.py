"""Alerts on what watches the bots: the exporter, Prometheus, Alertmanager, and people."""

from .alert_spec import RuleFile
from .rules_meta_exporter import EXPORTER_GROUPS
from .rules_meta_pipeline import PIPELINE_GROUPS
from .rules_meta_storage import STORAGE_GROUPS

META = RuleFile(
    name="meta",
    doc="What watches the bots.",
    groups=(*EXPORTER_GROUPS, *STORAGE_GROUPS, *PIPELINE_GROUPS),
)
