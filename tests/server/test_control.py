"""Both ends of the control socket, over a real one."""

import os
import re
import time
from contextlib import closing

import gevent
import pytest
from gevent import socket
from gevent.server import StreamServer

from geventim.chat import administration as admin
from geventim.chat.administration import Verb
from geventim.errors import NetworkError, PeerError, StoreError, UserError
from geventim.server import control as module
from geventim.server.control import Control, command
from geventim.wire.frames import prefix
from tests.greenlets import until


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "data" / "server"
    path.mkdir(parents=True)
    return path


def invitation(code):
    return [f"link#{code}", "more"]


def status(*, as_json):
    return [str(as_json)]


@pytest.fixture
def control(directory, house):
    control = Control(directory, house.service, invitation, status)
    control.start()
    yield control
    control.stop()


@pytest.fixture
def raw(directory, control):
    """A bare connection to the control socket."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as sock:
        sock.connect(str(directory / "control"))
        yield sock


class TestCommands:
    def test_announce(self, directory, control, enter):
        alice = enter("alice")
        answer = command(directory, admin.Announce("back at noon"))
        assert answer == admin.Answer(True, ("announced",))
        alice.expect(lambda message: getattr(message, "text", "") == "back at noon")

    def test_invite(self, directory, control, house):
        answer = command(directory, admin.Invite(3, 1))
        ((code, invite),) = house.store.invites().items()
        assert (answer.done, answer.lines) == (True, (f"link#{code}", "more"))
        assert invite.uses == 3
        end = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(invite.end))
        assert command(directory, admin.Invites()).lines == (f"link#{code}\t3\t{end}",)
        assert command(directory, admin.Revoke(code)).lines == ("revoked",)
        assert command(directory, admin.Invites()).lines == ()
        assert not command(directory, admin.Revoke(code)).done

    def test_status(self, directory, control, caplog):
        assert command(directory, admin.Status()).lines == ("False",)
        assert command(directory, admin.Status(as_json=True)).lines == ("True",)
        assert caplog.text == ""  # whoever watches asks all the time

    def test_allow(self, directory, control):
        assert command(directory, admin.Allow("Carol")).lines == ("Carol may register",)

    def test_operator_and_users(self, directory, control, house, enter):
        enter("alice")
        enter("bob").close()
        assert command(directory, admin.Operator("alice")).lines == ("alice is an operator",)
        until(lambda: house.service.connected.names() == ("alice",))
        rows = [line.split("\t") for line in command(directory, admin.Users()).lines]
        assert [row[:4] for row in rows] == [
            ["alice", "operator", "normal", "connected"],
            ["bob", "member", "normal", "offline"],
        ]
        assert [row[5:] for row in rows] == [["loopback", "0", "0"]] * 2
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ", row[4]) for row in rows)
        answer = command(directory, admin.Operator("alice", operator=False))
        assert answer.lines == ("alice is not an operator",)

    def test_people_and_rooms(self, directory, control, house, enter, caplog):
        alice, bob = enter("alice"), enter("bob")
        room = alice.room()
        bob.room()
        with caplog.at_level("INFO"):
            assert command(directory, admin.Kick("bob", "lobby")).lines == (
                "bob is out of 'lobby'",
            )
        (line,) = [each for each in caplog.records if "command" in each.message]
        assert (line.command, line.nick, line.place, line.done) == ("kick", "bob", "lobby", True)
        assert len(house.store.members(room)) == 1
        for verb, said in [
            (Verb.BAN, "bob is banned"),
            (Verb.UNBAN, "bob is not banned any more"),
            (Verb.MUTE, "bob is muted"),
            (Verb.UNMUTE, "bob is not muted any more"),
            (Verb.RELEASE, "bob is removed, and whoever claims the nick next is somebody new"),
        ]:
            assert command(directory, admin.Judge("bob", verb)).lines == (said,)
        assert not command(directory, admin.Judge("bob", Verb.BAN)).done
        assert command(directory, admin.Users()).lines[1].startswith("bob (old)\treleased\t")
        assert command(directory, admin.Delete("lobby")).lines == ("'lobby' is deleted",)
        assert not command(directory, admin.Delete("lobby")).done

    def test_quota(self, directory, control, enter):
        enter("alice")
        rest = "0 of 200 rooms and groups"
        all_may = f"alice: 0.0 of 256 MiB of messages, {rest}, 0.0 of 4096 MiB of files"
        assert command(directory, admin.Quota("alice")).lines == (all_may,)
        other = f"alice: 0.0 of 1 MiB of messages, {rest}, 0.0 of 7 MiB of files"
        assert command(directory, admin.Quota("alice", 1, 200, 7)).lines == (other,)
        assert command(directory, admin.Quota("alice")).lines == (other,)
        assert command(directory, admin.Quota("alice", reset=True)).lines == (all_may,)
        assert not command(directory, admin.Quota("nobody")).done

    @pytest.mark.parametrize("message", [admin.Allow("a b"), admin.Operator("nobody")])
    def test_what_cannot_be_done_is_told(self, directory, control, message):
        answer = command(directory, message)
        assert not answer.done
        assert len(answer.lines) == 1

    def test_a_disk_that_fails_is_told(self, directory, control, house, monkeypatch):
        def fail(_):
            raise StoreError("the disk is full")

        monkeypatch.setattr(house.store, "commit", fail)
        assert command(directory, admin.Allow("carol")) == admin.Answer(
            False, ("the disk is full",)
        )


class TestSocket:
    def test_it_is_for_the_owner_only(self, directory, control):
        assert (directory / "control").stat().st_mode & 0o777 == 0o600

    def test_what_a_killed_server_left_behind_is_replaced(self, directory, control, house):
        second = Control(directory, house.service, invitation, status)
        second.start()
        assert command(directory, admin.Users()).done
        second.stop()

    def test_a_place_where_it_cannot_be_made_is_told(self, directory, house):
        (directory / "control").mkdir()
        with pytest.raises(StoreError, match="server/control cannot be made"):
            Control(directory, house.service, invitation, status)

    def test_a_directory_may_have_a_long_name(self, tmp_path, house):
        directory = tmp_path / ("long" * 50) / "server"
        directory.mkdir(parents=True)
        control = Control(directory, house.service, invitation, status)
        control.start()
        assert command(directory, admin.Users()).done
        control.stop()

    def test_no_descriptor_is_left_open(self, directory, control):
        command(directory, admin.Users())
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            command(directory, admin.Users())
        gevent.sleep(0)
        assert len(os.listdir("/proc/self/fd")) <= before

    def test_after_the_stop_nobody_is_there(self, directory, control):
        control.stop()
        assert not (directory / "control").exists()
        with pytest.raises(NetworkError, match="No server is running in"):
            command(directory, admin.Users())

    def test_without_a_directory_nobody_is_there(self, tmp_path):
        with pytest.raises(NetworkError, match="no server's directory"):
            command(tmp_path / "nowhere" / "server", admin.Users())


class TestStrangers:
    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\0\0",
            b"\0\0\0\x05abc",
            prefix(b"garbage"),
            prefix(b'{"type":"dance"}'),
            prefix(b'{"type":"invite","uses":0,"days":1}'),
        ],
    )
    def test_what_is_no_command_gets_no_answer_and_does_no_harm(self, directory, raw, data):
        raw.sendall(data)
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(1) == b""
        assert command(directory, admin.Users()).done

    def test_who_announces_too_much_is_not_listened_to(self, raw):
        raw.sendall(b"\xff\xff\xff\xff")
        assert raw.recv(1) == b""

    def test_a_command_may_come_in_pieces(self, raw):
        for byte in prefix(admin.encode(admin.Users())):
            raw.sendall(bytes([byte]))
            gevent.sleep(0)
        assert raw.recv(4) != b""

    def test_who_says_nothing_is_given_up(self, directory, control):
        control._patience = 0.01
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as silent:
            silent.connect(str(directory / "control"))
            assert silent.recv(1) == b""

    def test_a_server_that_says_nothing_is_given_up(self, directory):
        with closing(module._listen(directory)), pytest.raises(NetworkError, match="not answer"):
            command(directory, admin.Users(), patience=0.01)

    def test_a_server_of_another_user_is_told_from_one_that_is_not_there(
        self, directory, monkeypatch
    ):
        def refuse(*_):
            raise PermissionError

        with monkeypatch.context() as patched:
            patched.setattr(socket.socket, "connect", refuse)
            with pytest.raises(UserError, match="belongs to another user"):
                command(directory, admin.Users())
        monkeypatch.setattr(os, "open", refuse)
        with pytest.raises(UserError, match="belongs to another user"):
            command(directory, admin.Users())

    def test_who_answers_something_else_is_no_server(self, directory):
        stranger = StreamServer(
            module._listen(directory), lambda sock, _: sock.sendall(prefix(b"garbage"))
        )
        stranger.start()
        with pytest.raises(NetworkError):
            command(directory, admin.Users())
        stranger.stop()

    def test_a_message_that_ends_too_early_is_no_message(self):
        ours, theirs = socket.socketpair()
        with closing(ours), closing(theirs):
            theirs.sendall(b"\0\0\0\x05abc")
            theirs.shutdown(socket.SHUT_WR)
            with pytest.raises(PeerError):
                module._receive(ours)
