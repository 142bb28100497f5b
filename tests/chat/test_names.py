import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from geventim.chat import limits
from geventim.chat.names import (
    COMMANDS,
    NO_NICKS,
    RESERVED,
    check_name,
    check_nick,
    fold,
    is_name,
    skeleton,
)
from geventim.errors import UserError

# ruff: noqa: RUF001 - letters that look alike are what this is about

alphabets = st.sampled_from(
    ["abcXYZ", "абвЭЮЯ", "αβγΔΘΩ", "日本語漢字", "ひらがなカタカナー", "한국어", "हिन्दी", "ไทยที่"]
)
names = alphabets.flatmap(
    lambda letters: st.text(st.sampled_from(letters + "019_-."), min_size=1, max_size=32)
)


def refuses(text: str, check: Callable[[str], str] = check_name) -> bool:
    with pytest.raises(UserError) as caught:
        check(text)
    return caught.value.code == "bad_name" and caught.value.advice != ""


@pytest.mark.parametrize(
    "name",
    [
        "alice",
        "Alice",
        "bob_2",
        "jean-luc",
        "a.b.c",
        "7",
        "42nd",
        "a" * limits.NAME_LENGTH,
        "Дмитрий",
        "Ελλάδα",
        "日本語",
        "スズキ",
        "ひらがなとカタカナー",
        "東京タワー",
        "한국어",
        "韓國말",
        "李明",
        "हिन्दी",
        "ภาษาไทย",
        "محمد",
        "שלום",
        "Zoë",
        "cœur",
    ],
)
def test_names_of_the_world_are_kept_as_they_are(name: str) -> None:
    assert check_name(name) == unicodedata.normalize("NFKC", name)
    assert is_name(unicodedata.normalize("NFKC", name))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        " alice",
        "alice ",
        "alice\n",
        "a\tb",
        "a\x00b",
        "\x1b[31malice",
        "\x7f",
        "[Server]",
        "@alice",
        "/quit",
        "alice:",
        "a,b",
        "-alice",
        ".hidden",
        "_",
        "a\u00a0b",
        "a\u3000b",
        "\u202ealice",
        "\u2066alice\u2069",
        "a\u200bb",
        "a\u200db",
        "a\u00adb",
        "a\u2060b",
        "a\ufeffb",
        "a\ufe0f",
        "a\U000e0101",
        "a\u034f",
        "a\u115f",
        "a\u3164",
        "a\uffa0",
        "\u180ba",
        "a\U000e0061",
        "😀",
        "a\ud800",
        "\ufdfa",
        "a٣",
        "aʼb",
        "محـمد",
    ],
)
def test_other_characters_are_refused(text: str) -> None:
    assert refuses(text)
    assert not is_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * (limits.NAME_LENGTH + 1),
        "a" * 1_000_000,
        # Short as they come, long as they would be kept.
        "\ufb03" * 11,
        "\u33c7" * 17,
    ],
)
def test_long_names_are_refused(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "\u0301a",
        "1\u0308",
        "a-\u0308",
        "a\u20dd",
        "1\u20e3",
        "x\u0323\u0301\u0302",
        "a" + "\u0336" * 20,
        "ก\u0e49\u0e49\u0e49",
    ],
)
def test_marks_stand_on_letters_and_do_not_pile_up(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("text", ["аlice", "αlice", "aliсe", "раypal", "Ꭺlice", "ひ한", "ひbob"])
def test_letters_of_several_alphabets_are_refused(text: str) -> None:
    assert refuses(text)


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_reserved_words_are_refused_however_they_are_written(word: str) -> None:
    spellings = [word, word.upper(), word.title(), wide(word), wide(word.upper())]
    assert all(map(refuses, spellings))


@pytest.mark.parametrize("text", ["5erver".replace("5", "ѕ"), "ѕyѕtem", "SysteM", "𝐬𝐞𝐫𝐯𝐞𝐫"])
def test_what_looks_like_a_reserved_word_is_refused(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize("word", sorted(NO_NICKS))
def test_nobody_claims_a_nick_that_people_type_as_a_command(word: str) -> None:
    for spelling in (word, word.upper(), word.title(), wide(word), wide(word.upper())):
        assert refuses(spelling, check_nick)


@pytest.mark.parametrize(
    "text",
    ["he1p", "heIp", "rne", "narnes", "𝐪𝐮𝐢𝐭", "rnsg", "a11", "ѕау", "ор", "adrnin"],
)
def test_nor_one_that_looks_like_it(text: str) -> None:
    assert refuses(text, check_nick)


@pytest.mark.parametrize("text", ["help", "all", "lobby", "msg", "support", "property"])
def test_rooms_may_be_called_that_and_those_who_are_stay(text: str) -> None:
    assert check_name(text) == text
    assert is_name(text)


@pytest.mark.parametrize("text", ["servers", "open-house", "mehmet", "group1", "msg1", "allan"])
def test_reserved_words_may_be_part_of_a_name(text: str) -> None:
    assert is_name(text)
    assert check_nick(text) == text


def test_what_other_chat_programs_know_is_reserved() -> None:
    typed = "msg me away nick query whois who all here everyone channel room group join part leave"
    typed += " quit names list help notice ctcp kick ban invite topic mode op deop ignore slap dm w"
    typed += " whisper tell t r reply admin root operator moderator mod bot info status secret"
    typed += " create search trust verify confirm"
    assert set(typed.split()) <= NO_NICKS
    assert COMMANDS <= NO_NICKS


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ａｌｉｃｅ", "alice"),
        ("𝐀𝐥𝐢𝐜𝐞", "Alice"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("ｽｽﾞｷ", "スズキ"),
        ("ﬁn", "fin"),
    ],
)
def test_names_are_kept_in_one_form(text: str, kept: str) -> None:
    assert check_name(text) == kept
    assert not is_name(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "ALICE"),
        ("alice", "ａｌｉｃｅ"),
        ("straße", "STRASSE"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("Дмитрий", "дмитрий"),
        ("Zo\u00eb", "ZOE\u0308"),
    ],
)
def test_case_does_not_make_another_name(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cop", "сор"),
        ("scope", "ѕсоре"),
        ("corn", "com"),
        ("modern", "modem"),
        ("alice", "a1ice"),
        ("alice", "aIice"),
        ("alice", "alıce"),
        ("alice", "ali\u0307ce"),
        ("alice", "ɑlice"),
        ("bob", "b0b"),
        ("BOB", "b0b"),
        ("IO", "10"),
        ("AB", "ΑΒ"),
        ("ОК", "OK"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "alicia"),
        ("bob", "rob"),
        ("ana", "anna"),
        ("日本", "日木"),
        ("и", "й"),
        ("o", "ö"),
    ],
)
def test_names_that_differ_have_their_own_skeleton(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text())
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        name = check_name(text)
    except UserError:
        return
    assert check_name(name) == name
    assert is_name(name)
    assert 1 <= len(name) <= limits.NAME_LENGTH
    assert name.isprintable()
    assert not any(char.isspace() for char in name)
    assert fold(fold(name)) == fold(name)
    assert name.encode()


@given(names)
def test_fold_is_stable(text: str) -> None:
    assume(is_name(text))
    assert fold(fold(text)) == fold(text)
    assert fold(text.upper()) == fold(text.lower()) == fold(text) or "ß" in text
    assert skeleton(text) == skeleton(check_name(text))


@given(st.characters(exclude_categories=["Cs"]))
def test_no_character_breaks_the_rules(char: str) -> None:
    assert is_name("a" + char) in (True, False)
    assert skeleton(char) == skeleton(unicodedata.normalize("NFKC", char))
