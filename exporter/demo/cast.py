"""The three bots of the demo: an online shop, a bank's assistant, a support desk."""

from .bots import Bot, Crowd, Intent, Stage, Tempo
from .chance import weighted

# Consumers write in the evening, bank customers around noon, office workers in office hours.
EVENING = (3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 13, 14, 16, 14, 13, 13, 14, 16, 19, 22, 23, 19, 12, 6)
NOON = (2, 1, 1, 1, 1, 2, 5, 10, 16, 20, 22, 23, 24, 22, 20, 19, 18, 16, 13, 10, 8, 6, 4, 3)
OFFICE = (1, 1, 1, 1, 1, 1, 2, 6, 18, 27, 28, 25, 16, 22, 27, 26, 22, 14, 6, 4, 3, 2, 1, 1)

_ACQUISITION, _CHECKOUT = "acquisition", "checkout"

SHOP = Bot(
    name="demo-shop",
    share=0.5,
    events_per_visit=32.0,
    tempo=Tempo(utc_offset_hours=1, hours=EVENING, days=(1, 1, 1, 1, 1, 1.4, 1.3)),
    crowd=Crowd(
        countries=weighted(
            {"DE": 38, "FR": 14, "US": 12, "AT": 10, "NL": 10, "ES": 8, "IT": 8},
        ),
        languages={
            "DE": "de",
            "AT": "de",
            "FR": "fr",
            "NL": "nl",
            "ES": "es",
            "IT": "it",
            "US": "en",
        },
        plans=weighted({"free": 85, "premium": 15}),
    ),
    platforms=("telegram", "web"),
    intents=weighted(
        {
            Intent(
                name="find_product",
                questions=("Do you have running shoes?", "I need a rain jacket."),
                action="search_catalog",
            ): 40,
            Intent(
                name="order_status",
                questions=("Where is my order?", "When will my parcel arrive?"),
                action="find_order",
                goal="order_tracked",
            ): 25,
            Intent(
                name="return_item",
                questions=("How do I send it back?", "The size does not fit."),
                action="create_return",
            ): 12,
            Intent(name="delivery_cost", questions=("What does shipping cost?",)): 13,
            Intent(
                name="discount",
                questions=("Is there a coupon?", "Do students pay less?"),
                goal="newsletter",
            ): 10,
        }
    ),
    models=weighted({"small-3": 80, "large-3": 20}),
    turns=2.6,
    resolution=0.92,
    experiment="checkout_button",
    funnel=(
        Stage(((_CHECKOUT, "conversation_started"), (_ACQUISITION, "bot_start")), 1.0),
        Stage(((_ACQUISITION, "first_message"),), 1.0),
        Stage(((_CHECKOUT, "interest_shown"),), 0.6),
        Stage(((_CHECKOUT, "products_viewed"), (_ACQUISITION, "product_view")), 0.75, True),  # noqa: FBT003 - it shows the product
        Stage(((_CHECKOUT, "product_selected"),), 0.62),
        Stage(((_CHECKOUT, "size_selected"),), 0.78),
        Stage(((_CHECKOUT, "cart_added"),), 0.72),
        Stage(((_CHECKOUT, "purchase_initiated"), (_ACQUISITION, "purchase")), 0.66),
        Stage(((_CHECKOUT, "purchase_completed"), (_ACQUISITION, "payment_completed")), 0.7),
    ),
    products=weighted({"shoes": 34, "jackets": 22, "shirts": 26, "bags": 10, "watches": 8}),
    prices={"shoes": 89.9, "jackets": 149.0, "shirts": 29.9, "bags": 64.5, "watches": 219.0},
    currency="EUR",
    lead_ratio=0.02,
    lead_value=120.0,
    team="returns",
    integrations=("payments", "crm", "parcel_service"),
    queues=("outgoing", "agents"),
    knowledge=("catalog", "faq"),
)

BANK = Bot(
    name="demo-bank",
    share=0.3,
    events_per_visit=22.3,
    tempo=Tempo(utc_offset_hours=-5, hours=NOON, days=(1.1, 1, 1, 1, 0.9, 0.5, 0.4)),
    crowd=Crowd(
        countries=weighted({"US": 72, "MX": 16, "CA": 12}),
        languages={"US": "en", "MX": "es", "CA": "en"},
        plans=weighted({"free": 60, "pro": 30, "premium": 10}),
    ),
    platforms=("voice", "web"),
    intents=weighted(
        {
            Intent(
                name="balance",
                questions=("What is on my account?", "How much do I have left?"),
                action="read_balance",
            ): 38,
            Intent(
                name="transfer",
                questions=("Send money to my landlord.", "I want to pay a bill."),
                action="start_transfer",
                goal="transfer_made",
            ): 22,
            Intent(
                name="block_card",
                questions=("I lost my card.",),
                action="block_card",
                goal="card_blocked",
            ): 10,
            Intent(name="fees", questions=("Why did you charge me?", "What does it cost?")): 16,
            Intent(
                name="open_account",
                questions=("I would like a savings account.", "Which credit cards are there?"),
                action="list_products",
                goal="appointment_booked",
            ): 14,
        }
    ),
    models=weighted({"large-3": 70, "reasoning-1": 30}),
    turns=2.4,
    resolution=0.90,
    experiment="greeting",
    funnel=(
        Stage(((_ACQUISITION, "bot_start"),), 1.0),
        Stage(((_ACQUISITION, "first_message"),), 1.0),
        Stage(((_ACQUISITION, "product_view"),), 0.2, True),  # noqa: FBT003 - it shows the product
        Stage(((_ACQUISITION, "purchase"),), 0.3),
        Stage(((_ACQUISITION, "payment_completed"),), 0.7),
    ),
    products=weighted({"savings_account": 50, "credit_card": 35, "insurance": 15}),
    prices={"savings_account": 10.0, "credit_card": 45.0, "insurance": 120.0},
    lead_ratio=0.05,
    lead_value=900.0,
    team="advisors",
    integrations=("core_banking", "identity_check", "crm"),
    queues=("outgoing", "agents"),
    knowledge=("product_terms", "faq"),
)

DESK = Bot(
    name="demo-desk",
    share=0.2,
    events_per_visit=20.1,
    tempo=Tempo(utc_offset_hours=8, hours=OFFICE, days=(1.1, 1, 1, 1, 0.9, 0.25, 0.2)),
    crowd=Crowd(
        countries=weighted({"SG": 40, "AU": 22, "IN": 20, "JP": 10, "MY": 8}),
        languages={"SG": "en", "AU": "en", "IN": "en", "JP": "ja", "MY": "ms"},
        plans=weighted({"business": 70, "pro": 25, "free": 5}),
    ),
    platforms=("slack", "web"),
    intents=weighted(
        {
            Intent(
                name="reset_password",
                questions=("I cannot log in.", "My password has expired."),
                action="reset_password",
                goal="access_restored",
            ): 32,
            Intent(
                name="report_bug",
                questions=("The export shows an error.", "The page stays white."),
                action="create_ticket",
            ): 24,
            Intent(name="how_to", questions=("How do I invite a colleague?",)): 26,
            Intent(
                name="billing",
                questions=("I need an invoice.", "Please change our address."),
                action="find_invoice",
            ): 12,
            Intent(name="upgrade", questions=("What does the next plan offer?",)): 6,
        }
    ),
    models=weighted({"small-3": 55, "large-3": 35, "reasoning-1": 10}),
    turns=3.0,
    resolution=0.86,
    experiment="answer_length",
    prices={},
    lead_ratio=0.015,
    lead_value=2400.0,
    team="second_level",
    integrations=("ticketing", "billing", "directory"),
    queues=("outgoing", "agents"),
    knowledge=("handbook", "tickets"),
)

BOTS = (SHOP, BANK, DESK)
