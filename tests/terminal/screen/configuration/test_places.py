from geventim.terminal.screen.configuration.places import find_lines

TEXT = """# a comment
theme = "dark"
[notices]  # more
bell = true
"quoted key".'other' = 1
[notices.conversations]
"#a b" = "all"
[ keys . typing ]
"""


def test_everything_has_its_line():
    found = find_lines(TEXT)
    assert found["theme",] == 2
    assert found["notices",] == 3
    assert found["notices", "bell"] == 4
    assert found["notices", "quoted key"] == 5
    assert found["notices", "conversations", "#a b"] == 7
    assert found["keys", "typing"] == 8
    assert len(found) == len({*found.values(), 0})
