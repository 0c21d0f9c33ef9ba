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


GROWN = ["", "ms", "ms", "times", "processor ms", "processor ms", "times", "statements"]


def grown(small, large):
    """Two sizes of one engine side by side, and how many times as long the larger one takes."""
    rows = [GROWN, ["---"] + ["--:"] * 7]
    for first, second in zip(small["results"], large["results"], strict=True):
        pairs = [_pair(first[name], second[name]) for name in ("median", "processor")]
        rows.append([first["name"], *pairs[0], *pairs[1], str(second["statements"] or "")])
    lines = [f"{large['engine']}: {small['deals']:,} deals beside {large['deals']:,}", ""]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def _pair(first, second):
    return [_number(first), _number(second), f"{second / first:.1f}" if first else ""]
