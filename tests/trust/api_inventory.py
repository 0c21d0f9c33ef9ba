"""Every operation of the API, classified by hand: what it does, and what of each table it may write."""

READ = "read"
WRITE = "write"
MOVE = "move"

# operationId -> (method, path, what it does). A path with {deal_id} is a deal's own.
OPERATIONS = {
    "list_deals": ("GET", "/deals", READ),
    "create_deal": ("POST", "/deals", WRITE),
    "read_deal": ("GET", "/deals/{deal_id}", READ),
    "change_deal": ("PATCH", "/deals/{deal_id}", WRITE),
    "ask_gate": ("GET", "/deals/{deal_id}/gate", READ),
    "move_deal": ("POST", "/deals/{deal_id}/moves", MOVE),
    "answer": ("POST", "/deals/{deal_id}/answers", WRITE),
    "list_activities": ("GET", "/deals/{deal_id}/activities", READ),
    "log_activity": ("POST", "/deals/{deal_id}/activities", WRITE),
    "add_file": ("POST", "/deals/{deal_id}/files", WRITE),
    "list_transitions": ("GET", "/deals/{deal_id}/transitions", READ),
    "list_companies": ("GET", "/companies", READ),
    "create_company": ("POST", "/companies", WRITE),
    "read_company": ("GET", "/companies/{company_id}", READ),
    "change_company": ("PATCH", "/companies/{company_id}", WRITE),
    "list_contacts": ("GET", "/contacts", READ),
    "create_contact": ("POST", "/contacts", WRITE),
    "read_contact": ("GET", "/contacts/{contact_id}", READ),
    "change_contact": ("PATCH", "/contacts/{contact_id}", WRITE),
    "list_tasks": ("GET", "/tasks", READ),
    "create_task": ("POST", "/tasks", WRITE),
    "finish_task": ("POST", "/tasks/{task_id}/done", WRITE),
    "list_processes": ("GET", "/process", READ),
    "read_process": ("GET", "/process/{slug}", READ),
}

# Table -> {column: names of fields that write it}; an empty list: nothing the API takes does. A new column fails
# test_api_doors.py until somebody says which.
_NO = []
FIELDS = {
    "Deal": {
        "name": ["name"], "company": ["company", "company_id"], "owner": ["owner_id"], "next_owner": ["next_owner_id"],
        "team": ["team_id"], "next_step": ["next_step"], "next_step_on": ["next_step_on"], "amount": ["amount"],
        "currency": ["currency"], "discount_percent": ["discount_percent"], "deal_type": ["deal_type"],
        "lead_source": ["lead_source"], "expected_close": ["expected_close"], "goals": ["goals"],
        "commitments": ["commitments"], "pipeline": ["pipeline"], "probability_override": ["probability"],
        **dict.fromkeys(
            ["id", "stage", "status", "seq", "flow_seq", "rev", "token", "amount_base", "open_before",
             "held_here", "claimed_here", "total_here", "holds_until", "stands_until", "counts_as_pipeline",
             "probability", "exception_until", "stage_entered_at", "created_at", "known_since", "closed_at",
             "loss_reason", "last_buyer_activity_at", "awaiting_since", "import_batch", "landed_in", "external_id",
             "held_days", "awaiting_held_days", "paused_on", "paused_until", "was_paused_until", "next_due_at",
             "next_due_rule"],
            _NO,
        ),
    },
    "Company": {
        **{name: [name] for name in ("name", "domain", "industry", "country", "employees", "note")},
        **dict.fromkeys(["id", "merged_into", "created_at"], _NO),
    },
    "Contact": {
        **{name: [name] for name in ("name", "job_title", "email", "phone", "left_at")},
        "company": ["company_id"],
        **dict.fromkeys(["id", "merged_into", "created_at", "email_since"], _NO),
    },
    "Task": {
        "deal": ["deal_id"], "title": ["title"], "due_on": ["due_on"], "outcome": ["outcome"],
        **dict.fromkeys(["id", "assignee", "purpose", "created_at", "created_by", "done_at", "cancelled_at",
                         "cancelled_why", "snoozed_until", "firing", "rule_key"], _NO),
    },
    "Activity": {
        "kind": ["kind"], "direction": ["direction"], "happened_at": ["happened_on"], "subject": ["subject"],
        "body": ["body"], "expects_answer": ["expects_answer"], "outcome": ["outcome"], "later_on": ["later_on"],
        "is_auto": ["is_auto"],
        **dict.fromkeys(["id", "deal", "recorded_at", "recorded_by", "buyer_count", "from_buyer", "is_late", "key"],
                        _NO),
    },
}  # fmt: skip
# Table -> the operations that make and change its rows.
BODIES = {
    "Deal": ["NewDeal", "DealChange"],
    "Company": ["NewCompany", "CompanyChange"],
    "Contact": ["NewContact", "ContactChange"],
    "Task": ["NewTask", "Done"],
    "Activity": ["NewActivity"],
}
# Fields of bodies that are no column: what was seen, and what goes with a row into other tables.
BESIDE = {
    "rev",
    "contact",
    "job_title",
    "email",
    "answers",
    "conversation",
    "attendees",
    "next_step",
    "next_step_on",
}


def bodies(office):
    """What a program that knows the contract sends to each operation that writes."""
    day = "2030-01-01"
    answers = [{"criterion": office.criterion, "value": "60-90k", "by": str(office.contact.pk)}]
    return {
        "create_deal": {
            "company": "Vellgrove Dairies",
            "name": "Three plants",
            "pipeline": office.pipeline.slug,
        },
        "change_deal": {"rev": str(office.deal.rev), "commitments": "No work in August"},
        "move_deal": {"to": office.w.last, "seen_seq": office.deal.seq},
        "answer": {"answers": answers, "conversation": office.call.pk},
        "log_activity": {
            "kind": "call",
            "attendees": [office.contact.pk],
            "body": "They want two plants first",
        },
        "create_company": {"name": "Norrholt Mills"},
        "change_company": {"name": "Norrholt Mills"},
        "create_contact": {"company_id": office.deal.company_id, "name": "Jonas Rehm"},
        "change_contact": {"job_title": "Head of plants"},
        "create_task": {"deal_id": office.deal.pk, "title": "Call Lena about the tender", "due_on": day},
        "finish_task": {"outcome": "They agreed"},
    }
