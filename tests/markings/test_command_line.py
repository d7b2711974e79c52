"""`strongroom markings …`: exit codes, one line on stdout, what is wrong on stderr."""

from typer.testing import CliRunner

from strongroom.cli.markings import app


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_rollup_prints_the_banner_on_one_line():
    result = run("rollup", "--scheme", "us-notional", "(S//REL TO USA, GBR)", "(S)")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "SECRET//NOFORN\n", "")


def test_rollup_takes_the_corporate_scheme_when_none_is_named():
    result = run("rollup", "(C//PII)", "INTERNAL//FOR LEGAL")
    assert (result.exit_code, result.stdout) == (0, "CONFIDENTIAL//PII//FOR LEGAL\n")


def test_a_bad_marking_exits_2_with_the_position_and_what_was_expected():
    result = run("rollup", "--scheme", "us-notional", "(S)", "(S//REL TO GBR, USA)")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "(S//REL TO GBR, USA)",
        "           ^",
        "at position 11: found 'GBR', expected USA, home, at the head of the list",
    ]


def test_a_scheme_that_is_not_there_exits_2():
    result = run("rollup", "--scheme", "none", "(S)")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no scheme can be read from 'none'" in result.stderr


def test_explain_says_in_words_what_a_marking_asks():
    result = run(
        "explain", "(C//PII/PHI//CASE 17//FOR HARBOUR OR RELIEF/FOR LEGAL//ONLY anna, bert//PRIV/NT)"
    )
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "CONFIDENTIAL//PII/PHI//CASE 17//FOR HARBOUR OR RELIEF/FOR LEGAL//ONLY anna, bert//PRIVILEGED/NO-TRAIN",
        "  A reader needs the level Confidential or above.",
        "  They must hold CASE 17, PHI and PII.",
        "  They must belong to HARBOUR or RELIEF.",
        "  They must belong to LEGAL.",
        "  They must be anna or bert.",
        "  PRIVILEGED: Legal privilege (a reader must be known as privileged; lowering it needs the originator's consent).",
        "  NO-TRAIN: Not for training (no model may learn from it).",
    ]


def test_explain_says_whom_a_us_marking_may_be_given_to():
    result = run("explain", "--scheme", "us-notional", "(//FGI S//REL TO USA, GBR/DISPLAY ONLY AFG)")
    assert result.stdout.splitlines()[1:] == [
        "  A reader needs the level SECRET or above.",
        "  It may be given to USA and GBR alone.",
        "  It may also be shown, not given, to AFG.",
        "  It has a foreign source that may not be told.",
    ]


def test_check_accepts_a_sound_scheme_and_refuses_a_broken_one(tmp_path):
    text = """
name: two-levels
version: 1
title: Two levels
levels:
  - {short: L, long: Low, colour: "#000000", ink: "#ffffff"}
  - {short: H, long: High, colour: "#000000", ink: "#ffffff"}
blocks:
  - kind: controls
    key: controls
    json_name: controls
    title: controls
    order: [STAFF]
    caveats: [{short: ST, long: STAFF, requires: [staff]}]
changes:
  raising: {duty: officer, people: 1}
  lowering: {duty: officer, people: 2}
"""
    sound, broken = tmp_path / "sound.yaml", tmp_path / "broken.yaml"
    sound.write_text(text)
    broken.write_text(text.replace("requires: [staff]", "requires: [staff], max_level: L"))
    accepted = run("check", str(sound))
    assert accepted.exit_code == 0
    assert accepted.stdout.startswith("Two levels (two-levels, version 1): the laws hold for")
    refused = run("check", str(broken))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "HIGH with LOW//STAFF is HIGH" in refused.stderr
    assert "may view the join: yes, the first: yes, the second: no" in refused.stderr


def test_check_knows_the_shipped_schemes_by_name():
    assert run("check", "us-notional").exit_code == 0
