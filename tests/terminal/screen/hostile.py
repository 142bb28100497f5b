"""Texts that would like to be more than text."""

import unicodedata

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

ODD = [
    *(f"a{chr(code)}b" for code in [*range(0x20), 0x7F, *range(0x80, 0xA0)]),
    *(f"a{char}b" for char in "\u200b\u200e\u200f\u061c\u2028\u2029\ufeff\u00ad\u180e\u3164\uffa0"),
    *(f"\u0627{char}ab\u202c\u2069" for char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"),
    *(f"\x1b{sequence}x" for sequence in (
        "c", "7", "8", "D", "M", "E", "[3J", "[?1049l", "[?25l", "[999C", "[5A", "[r", "[2;5r",
        "[4h", "[?7h", "[38;5;1m", "[6n", "[>c", "[8;5;5t", "[21t", "#8", "(0", "]0;t\x07",
        "]2;t\x1b\\", "]4;1;?\x07", "]8;;http://x\x07", "]9;n\x07", "]10;?\x07", "]52;c;eA==\x07",
        "]777;notify;a;b\x07", "]99;;x\x1b\\", "]1337;File=:eA==\x07", "P$qm\x1b\\",
        "_Ga=T;x\x1b\\", "^x\x1b\\", "Xx\x1b\\", "k title\x1b\\", "[?2026h", "[200~", "[201~",
    )),
    *(f"{base}{mark * 60}" for base in "xแ한" for mark in "\u0301\u0489\u0e47\u0f71"),
    *(f"x{chr(0xFE00 + number)}" for number in (0, 14, 15)),
    *(f"{person}\u200d{other}" for person in "👩🧑🏴" for other in "👩🚀☠"),
    *(chr(0x1F1E6 + number) * 3 for number in (0, 3, 25)),
    *(f"👍{chr(0x1F3FB + tone)}" for tone in range(5)),
    *("مرحبا", "ﷺ" * 9, "𒐫" * 3, "꧅" * 3, "⸻" * 3, "‱" * 50, "\uff48\uff41\uff4c\uff46"),
    "ﾊﾝｶｸ", "゛゜",
    *("\U000e0001\U000e0041", "\U0001f3f4\U000e0041", "\ufff9a\ufffab\ufffb"),
    "\U0001d173x\U0001d174",
    *("0\u20e3", "\u1160\u1161", "\u115f", "\ufffe", "\U0010ffff", "\ue0b0", "\udfff\ud800"),
]  # fmt: skip

MANY = [*NASTY, *ODD]
"""Two hundred of them."""

TAGS = range(0xE0020, 0xE0080)


def is_harmless(text):
    """Whether a terminal shows all of ``text`` and obeys nothing of it.

    What this Python does not know yet may be a character.
    """
    return all(
        char.isprintable()
        or char in "\u200c\u200d"
        or ord(char) in TAGS
        or unicodedata.category(char) in {"Cn", "Zs"}
        for char in text
    )
