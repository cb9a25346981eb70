"""Alerts for people who own the result: business hours, never at night."""

from .alert_spec import RuleFile
from .rules_business_quality import QUALITY
from .rules_business_sales import SALES

BUSINESS = RuleFile(
    name="business",
    doc="What users and the business got out of it.",
    groups=(QUALITY, SALES),
)
