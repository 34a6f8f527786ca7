"""Draws ratios as bars: SVG without any library."""

from html import escape


def bars(title, rows, file):
    """`rows` are (name, value, wanted or None), values from 0 to 1 or a little more."""
    left, width, step = 260, 520, 26
    height = 60 + step * len(rows)
    place = lambda value: left + width * min(value, 1.1) / 1.1
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 80}" height="{height}" font-family="sans-serif" font-size="13">',
             f'<rect width="100%" height="100%" fill="white"/><text x="10" y="22" font-size="15">{escape(title)}</text>']
    for n, (name, value, wanted) in enumerate(rows):
        y = 40 + step * n
        lines.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
        lines.append(f'<rect x="{left}" y="{y + 2}" width="{place(value) - left:.1f}" height="{step - 8}" fill="#3b6ea5"/>')
        lines.append(f'<text x="{place(value) + 6:.1f}" y="{y + 15}">{value:.2f}</text>')
        if wanted:
            lines.append(f'<line x1="{place(wanted):.1f}" x2="{place(wanted):.1f}" y1="{y - 1}" y2="{y + step - 3}" stroke="#c0392b" stroke-width="2"/>')
    lines.append(f'<line x1="{place(1):.1f}" x2="{place(1):.1f}" y1="34" y2="{height - 20}" stroke="#888" stroke-dasharray="4 3"/>')
    lines.append(f'<text x="{place(1):.1f}" y="{height - 6}" text-anchor="middle" fill="#555">the bare handler</text></svg>')
    file.write_text("\n".join(lines) + "\n")
