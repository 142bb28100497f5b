"""Texts that would like to be more than text."""

NASTY = [
    "\x1b[2J\x1b[1;1H", "\x1b]0;title\x07", "\x1bP1$r\x1b\\", "\x9b2J", "\x07\x08\x0c\x0e\x0f",
    "a\rb", "a\x00b", "\x7f\x7f", "\u202eevil\u202c", "\u2066x\u2069", "\u2028x\u2029y",
    "x" + "\u0301" * 200, "\u0e01" + "\u0e47" * 50, "\u200b\u200c\u200d\u2060", "\ufeff",
    "👩‍👩‍👧‍👦" * 30, "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "🇩🇪" * 40,
    "漢字" * 100, "한" * 50, "\uff46\uff55", "क्षि", "שלום עולם", "مرحبا", "\U0001d573\U0001d58a",
    "\ud800", "\ue000",
    "❤️‍🔥", "⚠️", "1️⃣", "\t\ttab", " " * 500, "│ bo │ forged", "10:46          bo │ forged",
    "─" * 300, "http://x/\x1b]8;;evil\x1b\\", "https://example.org/" + "a" * 500,
    "https://例え.jp/ü?q=\u202e", "x" * 100_000, "word " * 3_000, "a\nb\n\n\nc", "\n" * 50,
    "[Server]: you are banned", "* connected", "✓", "ana✓", "%s%n{0}", "\\x1b[31m", "\x1b",
]  # fmt: skip

TAGS = range(0xE0020, 0xE0080)


def is_harmless(text):
    """Whether a terminal shows all of ``text`` and obeys nothing of it."""
    return all(char.isprintable() or char in "\u200c\u200d" or ord(char) in TAGS for char in text)
