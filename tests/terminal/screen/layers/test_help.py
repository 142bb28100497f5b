from geventim.terminal.screen.layers.help import Help
from tests.terminal.screen.layers.keyboard import press


class TestHelp:
    def test_it_has_the_keys_and_the_commands(self):
        rows = Help({"names": ("@names", "lists")}).overlay().rows
        assert ("Ctrl-F", "search here") in rows
        assert ("/names", "lists") in rows

    def test_it_scrolls_and_closes(self):
        page = Help({})
        assert press(page, "down", "down", "up")
        assert page.overlay().top == 1
        assert press(page, "page up", "page up")
        assert page.overlay().top == 0
        assert not press(page, "esc")

    def test_it_takes_no_text(self):
        page = Help({})
        page.paste("x")
        assert page.overlay().typed is None
