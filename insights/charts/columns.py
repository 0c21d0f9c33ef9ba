"""A column for each week or month, and a dashed line for what they are held against."""

from django.utils.html import format_html, format_html_join

WIDTH, HEIGHT, FLOOR, TOP, EDGE = 420, 136, 112, 10, 52


def columns(found, line=None, *, label, said, ends, last_low=False, all_low=False):
    """`found`: numbers. `line`: where the dashed line is, `said` what stands beside it. `ends`: what stands below."""
    numbers = [float(number) for number in found]
    most = max([*numbers, float(line or 0), 1e-9])
    step, scale = (WIDTH - EDGE) / max(len(numbers), 1), (FLOOR - TOP) / most
    bars = []
    for number, value in enumerate(numbers):
        asked = all_low or (last_low and number == len(numbers) - 1)
        look = "lk" if asked and line and value < float(line) else "bar"
        tall = value * scale
        x, wide = number * step + step * 0.15, step * 0.7
        bars.append((look, f"{x:.1f}", f"{FLOOR - tall:.1f}", f"{wide:.1f}", f"{tall:.1f}"))
    parts = [
        format_html_join("", '<rect class="b-{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"/>', bars),
        format_html('<text x="0" y="130">{}</text>', ends[0]),
        format_html('<text x="{}" y="130" text-anchor="end">{}</text>', WIDTH - EDGE, ends[1]),
    ]
    if line is not None:
        at = f"{FLOOR - float(line) * scale:.1f}"
        parts.append(format_html('<line class="need" x1="0" x2="{0}" y1="{1}" y2="{1}"/>', WIDTH - EDGE, at))
        parts.append(
            format_html(
                '<text class="ink" x="{}" y="{}" text-anchor="end">{}</text>', WIDTH, float(at) + 4, said
            )
        )
    inside = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="inw" viewBox="0 0 {} {}" width="100%" role="img" aria-label="{}">{}</svg>',
        WIDTH, HEIGHT, label, inside,
    )  # fmt: skip
