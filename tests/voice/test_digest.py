# SPDX-License-Identifier: Apache-2.0
"""Digest: checked against the worked examples of RFC 2617 and RFC 7616."""

from jiedao.voice.digest import Challenge, Credentials, answer, parse_challenge, strongest

MUFASA = Credentials("Mufasa", "Circle of Life")


def test_md5_gives_the_answer_of_the_rfcs_example() -> None:
    challenge = parse_challenge(
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    assert challenge is not None
    proof = answer(
        challenge,
        MUFASA,
        "GET",
        "/dir/index.html",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert 'response="8ca523f5e9506fed4657c9700eebdbec"' in proof
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in proof


def test_sha256_gives_the_answer_of_the_rfcs_example() -> None:
    challenge = Challenge(
        "http-auth@example.org",
        "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "SHA-256",
        "auth",
    )
    proof = answer(
        challenge,
        MUFASA,
        "GET",
        "/dir/index.html",
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in proof


def test_the_old_form_without_a_counter_is_answered_in_the_old_form() -> None:
    challenge = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    someone = Credentials("Mufasa", "CircleOfLife")
    proof = answer(challenge, someone, "GET", "/dir/index.html", cnonce="unused")
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in proof
    assert "nc=" not in proof


def test_the_stronger_of_two_challenges_is_answered() -> None:
    both = ('Digest realm="r", nonce="n", algorithm=MD5', 'Digest nonce="n", algorithm=SHA-256')
    best = strongest(both)
    assert best is not None
    assert best.algorithm == "SHA-256"


def test_what_we_cannot_answer_is_no_challenge() -> None:
    assert parse_challenge("Basic realm=r") is None
    assert parse_challenge('Digest realm="r", nonce="n", algorithm=SHA-512-256') is None
    assert parse_challenge('Digest realm="r"') is None
    assert parse_challenge('Digest nonce="n", qop="auth-int"') is None


def test_a_password_never_shows_in_a_log() -> None:
    assert "Circle" not in repr(MUFASA)
