"""The table people read."""

COLUMNS = ["", "median ms", "slowest ms", "processor ms", "statements", "of it in SQL, ms", "kB (gzip)", ""]


def table(found):
    """One engine's results as a Markdown table."""
    made = found["generate"]
    lines = [
        f"{found['engine']}, {found['deals']:,} deals, {found['machine']}",
        f"made in {made['seconds']:.1f} s ({made['processor']:.1f} s of this process's processor time),"
        f" at most {made['megabytes']:.0f} MB",
        "",
    ]
    if found["results"]:
        rows = [COLUMNS, ["---"] + ["--:"] * 6 + ["---"], *map(_row, found["results"])]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _row(result):
    times = [_number(result[name]) for name in ("median", "slowest", "processor")]
    rest = [_number(result[name]) for name in ("in_database", "kilobytes")]
    return [result["name"], *times, str(result["statements"] or ""), *rest, result["note"]]


def _number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
