from geventim.terminal.screen.layers.picker import Picker


def test_the_first_one_is_chosen_until_another_is():
    picker = Picker()
    assert (picker.chosen(3), picker.chosen(0)) == (0, -1)
    picker.step(5, 3)
    assert (picker.chosen(3), picker.chosen(2)) == (2, 1)
    picker.step(-9, 3)
    assert picker.chosen(3) == 0
    picker.step(1, 0)
    assert picker.chosen(2) == 0


def test_what_is_typed_or_pasted_chooses_the_first_again():
    picker = Picker()
    for change in (lambda: picker.type("a"), lambda: picker.paste("b\nc")):
        picker.step(1, 3)
        change()
        assert picker.chosen(3) == 0
    picker.step(1, 3)
    picker.type("f9")
    assert (picker.typed, picker.chosen(3)) == ("ab c", 1)
    overlay = picker.overlay("Title", [("a", "b"), ("c", "d")], "foot")
    assert (overlay.title, overlay.chosen, overlay.typed, overlay.cursor) == ("Title", 1, "ab c", 4)
