# SPDX-License-Identifier: Apache-2.0
"""The one door for camera addresses."""

from ipaddress import ip_network

import pytest

from jiedao.cameras.address import check_address
from jiedao.cameras.errors import CameraAddressRefused

NETWORKS = (ip_network("10.20.0.0/16"), ip_network("fd00:20::/32"))


def test_a_camera_inside_the_ranges_passes_and_its_url_is_built_from_parts() -> None:
    address = check_address("10.20.3.4", 554, "/Streaming/Channels/102", NETWORKS)
    assert address.url == "rtsp://10.20.3.4:554/Streaming/Channels/102"


def test_usual_vendor_paths_pass() -> None:
    for path in (
        "/cam/realmonitor?channel=1&subtype=1",
        "/h264/ch1/main/av_stream",
        "/live/0.sdp",
        "/",
        "/onvif/profile2/media.smp",
    ):
        assert check_address("10.20.3.4", 8554, path, NETWORKS).path == path


def test_an_ipv6_camera_is_dialled_in_brackets() -> None:
    assert check_address("fd00:20::7", 554, "/a", NETWORKS).url == "rtsp://[fd00:20::7]:554/a"


def test_credentials_are_encoded_in_the_url_and_never_printed() -> None:
    address = check_address("10.20.3.4", 554, "/a", NETWORKS, login="op", password="p@ss/w:d#é")
    assert address.url == "rtsp://op:p%40ss%2Fw%3Ad%23%C3%A9@10.20.3.4:554/a"
    assert "p@ss" not in repr(address)
    assert "op" not in address.public_url


HOSTILE_HOSTS = (
    "",
    " ",
    "10.20.3.4 ",
    " 10.20.3.4",
    "10.20.3.4\n",
    "10.20.3.4\r\nX: y",
    "10.20.3.4\0",
    "10.20.3.4.",
    "10.20.3",
    "10.20.3.4.5",
    "10.20.3.04",
    "010.20.3.4",
    "0x0a.0x14.0x03.0x04",
    "0x0a140304",
    "169083652",
    "012.024.03.04",
    "10.20.3.256",
    "10.20.3.-4",
    "10.20.772",
    "10.1311492",
    "１０.20.3.4",
    "10。20。3。4",
    "10.20.3.4@evil.example",
    "evil.example@10.20.3.4",
    "10.20.3.4#evil",
    "10.20.3.4/evil",
    "10.20.3.4:80",
    "10.20.3.4?x",
    "10.20.3.4%00",
    "10.20.3.4\\evil",
    "10.20.3.4;evil",
    "10.20.3.4|cat",
    "10.20.3.4,10.20.3.5",
    "10.20.0.0/16",
    "[10.20.3.4]",
    "localhost",
    "camera.example",
    "10.20.3.4.nip.io",
    "metadata.google.internal",
    "127.0.0.1",
    "127.1",
    "0.0.0.0",  # noqa: S104
    "0",
    "169.254.169.254",
    "10.21.0.1",
    "10.19.255.255",
    "192.168.1.1",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.20.3.4",
    "::ffff:0a14:0304",
    "::10.20.3.4",
    "0:0:0:0:0:ffff:10.20.3.4",
    "64:ff9b::10.20.3.4",
    "fd00:20::7%eth0",
    "fd00:0020::7",
    "FD00:20::7",
    "fd00:20:0:0:0:0:0:7",
    "[fd00:20::7]",
    "fd00:21::7",
    "fe80::1",
    "rtsp://10.20.3.4",
    "file:///etc/passwd",
    "exec:id",
    "unix:/run/x",
    "$(id)",
    "`id`",
    "-i",
)


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
def test_a_hostile_host_is_refused(host: str) -> None:
    with pytest.raises(CameraAddressRefused) as refusal:
        check_address(host, 554, "/a", NETWORKS)
    assert refusal.value.facts["where"] == "host"


HOSTILE_PATHS = (
    "",
    "a",
    "http://evil/",
    "/a b",
    "/a\nb",
    "/a\r\nTeardown: x",
    "/a\0",
    "/a#b",
    "/a@evil",
    "/a:b",
    "/a|b",
    "/a;b",
    "/a'b",
    '/a"b',
    "/a`b`",
    "/a$(b)",
    "/a\\b",
    "/a%2e%2e",
    "/../etc",
    "/a/../b",
    "/a?udp",
    "/a?tcp&multicast",
    "/a?x=1&udp",
    "/a?x=1?y=2",
    "/a?x=http://evil",
    "/摄像机",
    "/a" * 200,
)


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_a_hostile_path_is_refused(path: str) -> None:
    with pytest.raises(CameraAddressRefused) as refusal:
        check_address("10.20.3.4", 554, path, NETWORKS)
    assert refusal.value.facts["where"] == "path"


@pytest.mark.parametrize("port", [-1, 0, 22, 25, 80, 443, 1023, 65536, 10**9])
def test_a_port_of_a_system_service_is_refused(port: int) -> None:
    with pytest.raises(CameraAddressRefused):
        check_address("10.20.3.4", port, "/a", NETWORKS)


@pytest.mark.parametrize(
    ("login", "password"),
    [("a\nb", "x"), ("a\0", "x"), ("a" * 65, "x"), ("a", "b" * 65), ("", "x")],
)
def test_hostile_credentials_are_refused(login: str, password: str) -> None:
    with pytest.raises(CameraAddressRefused):
        check_address("10.20.3.4", 554, "/a", NETWORKS, login=login, password=password)


def test_the_refusal_says_in_both_languages_which_part_is_wrong() -> None:
    with pytest.raises(CameraAddressRefused) as refusal:
        check_address("192.168.1.1", 554, "/a", NETWORKS)
    assert "10.20.0.0/16" in refusal.value.in_words("zh-CN")
    assert "Correct it" in refusal.value.in_words("en")
