"""Everything a request, a command or an admin page can reach, classified by hand. What is not listed here fails
test_inventory.py: whoever adds a URL, an admin class, a command or a column says what it may do."""

from django.urls import URLPattern, get_resolver

from .api_inventory import OPERATIONS

PUBLIC = "public"  # no login asked
READ = "read"  # GET alone
FORM = "form"  # GET shows, POST writes
ACT = "act"  # POST alone
LINK = "link"  # no login: the secret in the address is the permission; GET shows, POST answers
ASK = "ask"  # GET and POST, both without any effect
DOOR = "door"  # moves a deal, through moves.py
API = "api"  # asks for a token; see api_inventory.py
ADMIN = "admin"  # django's own admin views; see ADMINS

# name of the URL -> kind. A name may stand for several addresses.
URLS = {
    "home": READ,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "accounts/email/": READ,
    "account_login": PUBLIC,
    "account_logout": FORM,
    "account_inactive": PUBLIC,
    "account_signup": PUBLIC,
    "account_reauthenticate": FORM,
    "account_email": FORM,
    "account_email_verification_sent": PUBLIC,
    "account_change_password": FORM,
    "account_set_password": FORM,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_confirm_login_code": PUBLIC,
    "profile": FORM,
    "theme": ACT,
    "notices": READ,
    "read_notice": ACT,
    "read_all_notices": ACT,
    "operations": READ,
    "release_hold": ACT,
    "firings": READ,
    "undo_firing": DOOR,
    "archive_decision": DOOR,
    "dashboard": READ,
    "dashboard_changes": READ,
    "deals_behind": READ,
    "deals_behind_csv": READ,
    "adherence_csv": READ,
    "forecast_csv": READ,
    "at_risk": READ,
    "person": READ,
    "at_risk_csv": READ,
    "targets": FORM,
    "forecast": FORM,
    "panel_csv": READ,
    "audit": READ,
    "audit_sheet": READ,
    "audit_choose": ASK,
    "audit_start": DOOR,
    "audit_review": READ,
    "audit_decide": ACT,
    "audit_advise": ACT,
    "audit_carry_out": DOOR,
    "audit_landing": ACT,
    "keep_audit": ACT,
    "kept_audits": READ,
    "kept_audit": READ,
    "kept_audit_sheet": READ,
    "learning": READ,
    "benchmarks": FORM,
    "benchmarks_csv": READ,
    "change_benchmark": ACT,
    "review_pack": READ,
    "stalled": READ,
    "stalled_csv": READ,
    "stalled_stages_csv": READ,
    "stalled_owners_csv": READ,
    "targets_csv": READ,
    "process": READ,
    "process_versions": READ,
    "process_compare": READ,
    "short_lived_moves": READ,
    "process_read": READ,
    "process_stage": READ,
    "process_health": READ,
    "process_reviewed": ACT,
    "effect": READ,
    "what_if": READ,
    "board": READ,
    "board_of": READ,
    "board_changes": READ,
    "board_column": READ,
    "board_silent": READ,
    "today": READ,
    "tasks": READ,
    "task_table": READ,
    "waiting": READ,
    "whose_reply": READ,
    "reply": FORM,
    "just_now": FORM,
    "today_done": ACT,
    "today_snooze": ACT,
    "today_next_step": ACT,
    "deals": READ,
    "bulk_choose": ASK,
    "bulk_start": DOOR,
    "bulk": READ,
    "bulk_go_on": DOOR,
    "bulk_undo": DOOR,
    "bulk_result": READ,
    "new_deal": FORM,
    "proposed_pipeline": READ,
    "companies": READ,
    "new_company": FORM,
    "company": FORM,
    "new_contact": FORM,
    "contact": FORM,
    "find": READ,
    "deal": READ,
    "pack": READ,
    "move": DOOR,
    "gate": ASK,
    "ask_exception": FORM,
    "exceptions": READ,
    "decide_exception": DOOR,
    "answers": ACT,
    "file": READ,
    "upload": ACT,
    "edit": FORM,
    "log": FORM,
    "still_true": ACT,
    "contested": FORM,
    "settle_contested": ACT,
    "approvals": FORM,
    "record_approval": ACT,
    "withdraw_approval": ACT,
    "my_approvals": READ,
    "approval": FORM,
    "objections": FORM,
    "objection": ACT,
    "new_stakeholder": FORM,
    "stakeholder": FORM,
    "advise": ACT,
    "take_up_advice": ACT,
    "review_loss": ACT,
    "add_task": ACT,
    "note_rival": ACT,
    "task_done": ACT,
    "handover": FORM,
    "accept_deal": ACT,
    "accept_deals": ACT,
    "recap": FORM,
    "mail_draft": FORM,
    "write_mail": FORM,
    "confirm": LINK,
    "tokens": FORM,
    "revoke_token": ACT,
    "api_about": READ,
    "api_unknown": PUBLIC,  # 404 for every address under /api/v1/ that is none
    "api:openapi-json": PUBLIC,
    "api:api-root": PUBLIC,  # 404
    "import": FORM,
    "import_check": FORM,
    "import_done": READ,
    "import_report": READ,
    "admin:index": ADMIN,
    "admin:login": PUBLIC,
    "admin:logout": ADMIN,
    "admin:password_change": ADMIN,
    "admin:password_change_done": ADMIN,
    "admin:autocomplete": ADMIN,
    "admin:jsi18n": ADMIN,
    "admin:view_on_site": ADMIN,
    "admin:app_list": ADMIN,
    "admin:auth_user_password_change": ADMIN,
    "admin:team_organisation_calendar": ADMIN,
    "admin:team_team_calendar": ADMIN,
    "admin:pipeline_pipeline_new": ADMIN,
    "admin:pipeline_pipeline_export": ADMIN,
    "admin:pipeline_pipeline_publish": ADMIN,
    "admin:pipeline_pipeline_unschedule": ADMIN,
    "admin:pipeline_pipeline_publishing": ADMIN,
    "admin:pipeline_pipeline_discard": ADMIN,
    "admin:pipeline_pipeline_restore": ADMIN,
    "admin:pipeline_stage_retire": ADMIN,
    "admin:pipeline_stage_library": ADMIN,
    "admin:*": ADMIN,  # changelist, add, change, delete, history of every class in ADMINS
}

# Admin class by model -> actions it offers. Nothing is edited in a list.
ADMINS = {
    "team.User": [],
    "team.Team": [],
    "team.Role": [],
    "team.Organisation": [],
    "pipeline.Pipeline": [],
    "pipeline.Stage": [],
    "pipeline.Criterion": [],
    "pipeline.ProcessVersion": [],
    "deals.Deal": [],
    "deals.Transition": [],
    "deals.GateRefusal": [],
    "deals.Company": [],
    "deals.Contact": [],
    "deals.LossReason": [],
    "deals.Competitor": [],
    "deals.ExchangeRate": [],
    "deals.Task": [],
    "outbox.Mail": ["try_again"],
    "outbox.Endpoint": ["new_secret"],
    "outbox.Delivery": ["try_again"],
}

# Command -> how it comes to a deal's stage or status.
COMMANDS = {
    "demo": "moves.py",
    "import_deals": "moves.py",
    "run_automations": "moves.py",
    "audit_pipeline": "never",
    "export_process": "never",
    "load_process": "never",
    "verify_history": "never",
    "database_roles": "never",
    "lint_process": "never",
}

# What a worker does when it is called -> by which door it moves deals, or "never". Neither takes arguments: whoever
# can write to Redis can call, and order nothing.
TASKS = {
    "automations.tasks.tick": "moves.py",
    "automations.tasks.send": "never",
    "automations.tasks.set_clocks": "never",
}

# Column of Deal -> who writes it. "guarded": ledger rows; "derived": counted from rows; "made": once, at the
# beginning; "moved": with a move; "editable": people, on the deal's page or in a form.
COLUMNS = {
    **dict.fromkeys(["id", "stage", "status", "seq", "pipeline"], "guarded"),
    **dict.fromkeys(
        [
            "rev", "amount_base", "open_before", "held_here", "claimed_here", "total_here", "holds_until",
            "stands_until", "counts_as_pipeline", "probability", "last_buyer_activity_at", "awaiting_since",
            "held_days", "awaiting_held_days", "paused_on", "paused_until", "was_paused_until", "next_due_at",
            "next_due_rule", "flow_seq",
        ],
        "derived",
    ),
    **dict.fromkeys(
        ["token", "company", "created_at", "known_since", "import_batch", "landed_in", "external_id", "team"], "made"
    ),
    **dict.fromkeys(["stage_entered_at", "closed_at", "loss_reason", "exception_until"], "moved"),
    **dict.fromkeys(
        [
            "name", "owner", "next_owner", "next_step", "next_step_on", "amount", "currency", "discount_percent",
            "deal_type", "lead_source", "expected_close", "probability_override", "goals", "commitments",
        ],
        "editable",
    ),
}  # fmt: skip


def walked(patterns=None, prefix="", namespace=""):
    """(name, route) of every URL pattern of the site."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or str(entry.pattern)}", route
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from walked(entry.url_patterns, route, inner)


def kind_of(name):
    """The kind a URL is listed as; None where it is not."""
    if name in URLS:
        return URLS[name]
    if name.removeprefix("api:") in OPERATIONS:
        return API
    if name.startswith("admin:") and any(name.endswith(f"_{view}") for view in STANDARD_ADMIN_VIEWS):
        model = name.removeprefix("admin:").rpartition("_")[0]
        return ADMIN if model in {label.lower().replace(".", "_") for label in ADMINS} else None
    if name.startswith("admin:") and ("/" in name or "?P" in name):
        return ADMIN  # django's redirects of old addresses and its catch-all
    return None


STANDARD_ADMIN_VIEWS = ["changelist", "add", "change", "delete", "history"]
