"""The table people read."""

COLUMNS = ["", "median ms", "slowest ms", "statements", "of it in SQL, ms", "kB (gzip)", ""]


def table(found):
    """One engine's results as a Markdown table."""
    made = found["generate"]
    lines = [
        f"{found['engine']}, {found['deals']:,} deals, {found['machine']}",
        f"made in {made['seconds']:.1f} s, at most {made['megabytes']:.0f} MB",
        "",
    ]
    if found["results"]:
        rows = [COLUMNS, ["---"] + ["--:"] * 5 + ["---"], *map(_row, found["results"])]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _row(result):
    return [
        result["name"], _number(result["median"]), _number(result["slowest"]), str(result["statements"] or ""),
        _number(result["in_database"]), _number(result["kilobytes"]), result["note"],
    ]  # fmt: skip


def _number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
