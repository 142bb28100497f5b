"""What holds of the repository as a whole: the mirror, the import laws, and what is not in it."""

import ast
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "geventim"
TESTS = ROOT / "tests"

LONGEST = 500
"""Lines of a module; before it gets there it is split along a noun."""

MOST = 20
"""Modules in a folder of the package, without its ``__init__``."""

PATCHED = 1
"""Constants that tests still patch, instead of giving a parameter: only ever fewer."""

WITHOUT_BEHAVIOUR = {
    "app/view.py": "a protocol; mypy compares the views of terminal with it",
    "log/contents.py": "a protocol; mypy compares store/blobs with it",
    "log/store.py": "a protocol; one suite for every store",
    "service/ports.py": "protocols; mypy compares net and server with them",
}
"""Modules that no test mirrors."""

CROSS_CUTTING = {
    "browser/test_axe.py": "the page in a real browser: what axe finds in it",
    "browser/test_calls.py": "the page in a real browser: notifications, title and icon",
    "browser/test_files.py": "the page in a real browser: files",
    "browser/test_habits.py": "the page in a real browser: keys, sizes, preferences",
    "browser/test_hostile.py": "the page in a real browser: what others write runs nothing",
    "browser/test_lines.py": "the page in a real browser: broken lines, used links",
    "browser/test_page.py": "the files of the page, and their parts that need no browser",
    "browser/test_rooms.py": "the page in a real browser: conversations made and changed",
    "browser/test_talking.py": "the page in a real browser: what is said",
    "browser/test_timeline.py": "the page in a real browser: long histories",
    "browser/test_together.py": "the page in a real browser, beside a full screen",
    "browser/test_trust.py": "the page in a real browser: whose key that is",
    "test_packaging.py": "what is built for installing",
    "test_recorded_session.py": "decodes the session of docs/protocol.md",
    "test_structure.py": "this one",
    "test_threats.py": "docs/threats.md names a test for every attack",
    "channel/test_closing.py": "how connections end",
    "channel/test_secrecy.py": "what stays of secrets, and what is shown of them",
    "channel/test_tampering.py": "handshakes that somebody alters",
    "client/test_any_content.py": "a member who writes anything",
    "client/test_convergence.py": "people who must agree, whatever breaks",
    "client/test_meddling.py": "people who must agree, though somebody spoils what is sent",
    "client/test_made_up_states.py": "where a state that is made up leads people",
    "client/test_hostile_names.py": "a server that lies about names and keys",
    "client/test_hostile_delivery.py": "a server that keeps back what it has taken",
    "client/test_twins.py": "one content in two conversations, and which of them is meant",
    "client/test_waiting.py": "what waits at an agent",
    "client/test_documentation.py": "what docs/protocol.md says of what is sealed",
    "client/test_hops.py": "what docs/architecture.md says of the way of a typed line",
    "client/test_programs.py": "what docs/programs.md says of wishes and events",
    "client/test_posing.py": "a member who says to be somebody else",
    "client/test_crowded.py": "insiders in a room whose members have a lot to do",
    "client/test_floods.py": "what members cause without end, and what a person sees of it",
    "client/test_poison.py": "what a member writes, and what it does to its readers",
    "client/test_hostile_history.py": "a server that lies about what was written",
    "client/test_hostile_members.py": "members whose clients are not ours",
    "client/test_hostile_roster.py": "a server that lies about who is who and who is in",
    "client/test_hostile_server.py": "a server that lies, as docs/threats.md lists it",
    "client/test_insiders.py": "honest people and insiders, in any order of events",
    "client/sealing/test_rules.py": "the reasons of counting that are not of the RFC",
    "client/test_luring.py": "newcomers whom insiders lead astray while nobody else is there",
    "client/files/test_random_attacks.py": "files, whatever a server and a disk do to them",
    "client/test_saying_machine.py": "people who say anything in any order, whatever breaks",
    "client/test_schedules.py": "people who must agree, in any order of events",
    "mls/test_documentation.py": "what docs/mls.md says, its example above all",
    "mls/test_following_machine.py": "members that follow publicly, whatever is sent to them",
    "mls/test_machine.py": "groups that must agree, whatever happens",
    "mls/test_mutation.py": "changed bytes, anywhere in any message",
    "mls/test_passive_client.py": "the published stories of a client that only listens",
    "mls/test_vectors.py": "the published vectors",
    "service/test_turns_at_nodes.py": "turns and help, where people are at several nodes",
    "service/test_machine.py": "delivery in any order of events",
    "store/test_blobs.py": "one suite for every store: blobs",
    "store/test_commits.py": "one suite for every store: commits",
    "store/test_conversations.py": "one suite for every store: conversations",
    "store/test_entries.py": "one suite for every store: entries",
    "store/test_people.py": "one suite for every store: people",
    "store/test_releases.py": "what the programs of earlier releases have left on disk",
    "store/redis/test_replicas.py": "a Redis and what it has acknowledged, after it is lost",
    "store/test_upkeep.py": "one suite for every store: key packages and what expires",
    "web/test_attacks.py": "whoever wants into the door without being let in",
    "server/clients/test_catching_up.py": "what was missed, over real connections",
    "server/clients/test_records.py": "large records, over real connections",
    "service/delivery/test_one_pass.py": "what one pass of the event loop has gathered",
    "service/delivery/test_catching_up.py": "readers who are behind a log while it grows",
    "service/turns/test_prices.py": "what turns cost those who take many",
    "service/conversations/test_commits.py": "commits, and who is put out by them",
    "web/test_malformed.py": "requests that are malformed, too large or too slow",
    "store/vault/test_vault_versions.py": "vaults of older and newer programs",
    "app/test_computing.py": "what is computed beside the desk",
    "app/test_coming_back.py": "sessions that lose their connection",
}
"""Tests that mirror no module; all of e2e and faults are such tests."""

NOT_MIRRORED = ("e2e", "faults")

BEYOND_DOCSTRINGS = {
    "__init__.py": "the version, which setup.py reads",
    "crypto/__init__.py": "an environment variable that Cryptodome reads at its first import",
}
"""Packages whose ``__init__`` holds more than a docstring."""

MODULES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}


def mirror(module):
    """Where the test of ``module`` stands below tests."""
    path = Path(module)
    return str(path.with_name(f"test_{path.name}"))


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def tracked():
    """The files that git keeps."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


class TestMirror:
    def test_every_module_has_its_test(self):
        mirrored = {
            mirror(module)
            for module in MODULES
            if not module.endswith("__init__.py") and module not in WITHOUT_BEHAVIOUR
        }
        assert sorted(test for test in mirrored if not (TESTS / test).exists()) == []

    def test_every_test_has_its_module_or_a_reason(self):
        mirrored = {mirror(module) for module in MODULES} - set(map(mirror, WITHOUT_BEHAVIOUR))
        tests = {
            str(path.relative_to(TESTS))
            for path in TESTS.rglob("test_*.py")
            if path.relative_to(TESTS).parts[0] not in NOT_MIRRORED
        }
        assert sorted(tests - mirrored - set(CROSS_CUTTING)) == []
        assert sorted(set(CROSS_CUTTING) - tests) == []

    @pytest.mark.parametrize("module", WITHOUT_BEHAVIOUR)
    def test_what_has_no_test_has_no_behaviour(self, module):
        tree = parse(MODULES[module])
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                assert "Protocol" in {base.id for base in node.bases if isinstance(base, ast.Name)}
                for method in node.body:
                    assert isinstance(method, ast.Expr | ast.AnnAssign) or (
                        isinstance(method, ast.FunctionDef) and is_docstring(method.body)
                    )
            else:
                assert isinstance(node, ast.Expr | ast.Import | ast.ImportFrom | ast.If)


def is_docstring(body):
    """Whether a body is one string and nothing else."""
    return (
        len(body) == 1
        and isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    )


class TestModules:
    @pytest.mark.parametrize("module", MODULES)
    def test_every_module_says_what_it_is_for(self, module):
        assert ast.get_docstring(parse(MODULES[module]))

    @pytest.mark.parametrize("module", [name for name in MODULES if name.endswith("__init__.py")])
    def test_packages_say_that_and_nothing_else(self, module):
        assert is_docstring(parse(MODULES[module]).body) is (module not in BEYOND_DOCSTRINGS)

    @pytest.mark.parametrize("module", MODULES)
    def test_no_module_is_too_long(self, module):
        assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LONGEST

    @pytest.mark.parametrize("folder", sorted({str(Path(name).parent) for name in MODULES}))
    def test_no_folder_has_too_many(self, folder):
        assert len(list((PACKAGE / folder).glob("*.py"))) <= MOST + 1


def patched():
    """Where tests put another value into a constant of a module."""
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(parse(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            names = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if node.func.attr == "setattr" and names and is_constant(names[0]):
                yield f"{path.relative_to(TESTS)}:{node.lineno}"


def is_constant(name):
    return isinstance(name, str) and re.fullmatch(r"(.*\.)?[A-Z][A-Z0-9_]*", name) is not None


def test_no_more_constants_are_patched():
    """What a test has to choose is a parameter; there are so many from before that was so."""
    assert len(list(patched())) <= PATCHED


MUTED = re.compile(r"# (?:ruff: )?noqa(?:: [A-Z0-9, ]*[0-9])?|# type: ignore(?:\[[^]]*\])?")
"""A comment that silences a tool."""


def without_reason(lines):
    """The comments in the program of these ``lines`` that silence a tool and do not say why."""
    for token in tokenize.generate_tokens(iter(lines).__next__):
        if token.type == tokenize.COMMENT and MUTED.search(token.string):
            reason = MUTED.sub("", token.string)
            if not re.search("[A-Za-z]", reason):
                yield f"{token.start[0]}: {token.string}"


def test_tools_are_silenced_for_a_reason():
    programs = [path for path in tracked() if path.suffix == ".py" or path.parent.name == "bin"]
    assert len(programs) > len(MODULES)
    found = {}
    for path in programs:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        found[str(path.relative_to(ROOT))] = list(without_reason(lines))
    assert {name: comments for name, comments in found.items() if comments} == {}


@pytest.mark.parametrize(
    ("comment", "is_reasoned"),
    [
        ("noqa", False),
        ("noqa: S101", False),
        ("noqa: S101, PT018", False),
        ("noqa: S101 - it was opened", True),
        ("type: ignore[misc]", False),
        ("type: ignore[misc]  # noqa: SLF001", False),
        ("type: ignore[misc]  # noqa: SLF001 - see above", True),
        ("ruff: noqa: E402", False),
        ("ruff: noqa: E402 - patching comes first", True),
        ("what is below", True),
    ],
)
def test_a_reason_is_recognised(comment, is_reasoned):
    assert (list(without_reason([f"x = 1  # {comment}\n"])) == []) is is_reasoned


def test_the_import_laws_hold():
    call = "import sys; from importlinter.cli import lint_imports as lint; sys.exit(lint(%s))"
    done = subprocess.run(
        [sys.executable, "-c", call % "no_cache=True"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


class TestContent:
    # Written in pieces, so that this file does not hold what it looks for.
    PLACES = re.compile(
        rb"(?<![\w.~-])/(?:%s)\b" % b"|".join((b"work", b"home", b"root", b"tmp/v"))
    )
    PRIVATE = re.compile(rb"-----BEGIN [A-Z ]*" + rb"PRIVATE KEY-----")
    KEY_TEXT = re.compile(rb"\s*(?:[a-z2-7]{26}|[a-z2-7]{52}|[0-9a-fA-F]{64})\s*")
    KEY_NAMES = re.compile(r"(?:.*\.(?:pem|key|p12|pfx|sqlite|psk)|id_[a-z0-9]+|\.env|key)")

    def test_nothing_names_a_place_of_the_machine_it_was_made_on(self):
        found = [
            f"{path.relative_to(ROOT)}: {match[0].decode()}"
            for path in tracked()
            for match in self.PLACES.finditer(path.read_bytes())
        ]
        assert found == []

    def test_no_key_was_committed(self):
        for path in tracked():
            data = path.read_bytes()
            assert not self.KEY_NAMES.fullmatch(path.name), path
            assert not self.PRIVATE.search(data), path
            assert not self.KEY_TEXT.fullmatch(data), path

    @pytest.mark.parametrize("place", ["work/main", "home/me/x", "tmp/v", "root"])
    def test_a_place_is_recognised(self, place):
        assert self.PLACES.search(f'see "/{place}"'.encode())

    @pytest.mark.parametrize("other", ["framework/x", "/worked", "~/home/", "/tmp/vault"])
    def test_other_paths_are_not(self, other):
        assert not self.PLACES.search(other.encode())
