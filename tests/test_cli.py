#!/usr/bin/python3
"""The command line as people type it: results, refusals, bad input of every class, exit statuses.

usage: test_cli.py CIT SOURCE_ROOT
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True  # nothing is left in the source folder
from schemas import faults_of  # noqa: E402

CIT, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
os.environ.setdefault("CIT_CATALOGUE", str(ROOT / "data"))
DRAWS = ["--draws", "40"]


def cit(*args, stdout=subprocess.PIPE, **more):
    return subprocess.run(
        [CIT, *map(str, args)], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=120, **more
    )


def at_work(process):
    """Waits until the program listens to Ctrl-C, as the kernel tells: on a busy machine that may take long."""
    while process.poll() is None:
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        caught = int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16)
        if caught >> (signal.SIGINT - 1) & 1:
            return
        time.sleep(0.01)


def example(name):
    return [ROOT / "examples" / name / "case.yaml", "-p", ROOT / "examples" / name / "protocol.yaml"]


CASE = """schema: cit/case/1
sex: female
skin_type: III
health: {pregnant: no, nursing: no, isotretinoin: no, keloid_tendency: no, bleeding_disorder: no}
zones:
  - site: cheek
    side: left
    inflamed_acne: no
    infection: no
    open_wound: no
    skin_cancer: no
    scars:
      - {type: boxcar, count: 5, width: 2.5 mm, depth: 0.4 mm}
"""
PROTOCOL = """schema: cit/protocol/1
who: physician
cream: no
settings:
  - {device: dermaroller-192, length: 1.5 mm, passes: 10}
visits:
  - {status: planned, count: 2, every: 4 weeks}
"""


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.at = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def files(self, case=CASE, protocol=PROTOCOL):
        (self.at / "case.yaml").write_text(case)
        (self.at / "protocol.yaml").write_text(protocol)
        return [self.at / "case.yaml", "-p", self.at / "protocol.yaml"]

    def refused(self, status, *words, case=CASE, protocol=PROTOCOL, faults=1):
        """One clear message a fault, the right exit status, no output, nothing written."""
        out = self.at / "out"
        run = cit("simulate", *self.files(case, protocol), *DRAWS, "-o", out)
        self.assertEqual(run.returncode, status, run.stderr)
        self.assertEqual(run.stdout, "")
        self.assertFalse(out.exists(), "results were written")
        self.assertEqual(len(run.stderr.splitlines()), faults, run.stderr)
        for word in words:
            self.assertIn(word, run.stderr)
        return run.stderr

    # ---- results -------------------------------------------------------------------------

    def test_help_version_and_unknown_commands(self):
        self.assertEqual(cit("--help").returncode, 0)
        self.assertIn("simulate", cit("--help").stdout)
        self.assertIn("refused by a safety rule", cit("--help").stdout)
        self.assertRegex(cit("--version").stdout, r"^cit \d+\.\d+\.\d+\n$")
        self.assertEqual(cit().returncode, 64)
        run = cit("simulat")
        self.assertEqual(run.returncode, 64)
        self.assertIn("did you mean 'simulate'", run.stderr)
        self.assertEqual(cit("simulate", "--help").returncode, 0)

    def test_usage_faults(self):
        for args in (
            ["simulate"],
            ["simulate", "case.yaml"],
            ["simulate", *example("malik-2024"), "--draws", "many"],
            ["simulate", *example("malik-2024"), "--draws", "-5"],
            ["simulate", *example("malik-2024"), "--threads", "0"],
            ["simulate", *example("malik-2024"), "--seed", "0x10"],
            ["simulate", *example("malik-2024"), "--json", "--brief"],
            ["simulate", *example("malik-2024"), "--no-such-option"],
            ["simulate", "a.yaml", "b.yaml", "-p", "c.yaml"],
            ["catalogue"],
            ["catalogue", "needles"],
        ):
            with self.subTest(args=args):
                run = cit(*args)
                self.assertEqual(run.returncode, 64, run.stderr)
                self.assertEqual(run.stdout, "")

    def test_every_example_gives_a_table_json_and_charts(self):
        for name in ("malik-2024", "lotfi-2013", "alam-2014", "severe-scars"):
            with self.subTest(example=name):
                out = self.at / name
                run = cit("simulate", *example(name), *DRAWS, "-o", out)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertIn("Where the evidence ends", run.stdout)
                self.assertNotIn("\033", run.stdout)
                self.assertNotIn("nan", run.stdout.lower())
                # A published arm is nobody's screening; the person is screened, and cleared.
                arm = "Stands for a published study, not for a person" in run.stdout
                self.assertEqual(arm, name != "severe-scars")
                self.assertEqual("cleared for physician" in run.stdout, name == "severe-scars")
                self.assertNotIn("ASK FIRST", run.stdout)
                self.assertEqual("and 1 other setting" in run.stdout, name == "severe-scars")
                names = {p.name for p in out.iterdir()}
                for figure in ("forecast", "drivers", "punctures"):
                    self.assertIn(figure + ".svg", names)
                    self.assertIn(figure + ".png", names)
                self.assertEqual("evidence.svg" in names, name != "severe-scars")
                document = json.loads((out / "forecast.json").read_text())
                self.assertEqual(document["schema"], "cit/forecast/1")
                self.assertEqual(document["made_by"]["draws"], 40)
                self.assertEqual(document["screening"]["published_arm"], arm)

    def test_json_is_one_document_and_fits_its_schema(self):
        schema = json.loads((ROOT / "docs/forecast.schema.json").read_text())
        for name in ("malik-2024", "lotfi-2013", "alam-2014", "severe-scars"):
            run = cit("simulate", *example(name), *DRAWS, "--json")
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(faults_of(json.loads(run.stdout), schema), [], name)

    def test_json_of_an_unsettled_and_of_an_overridden_case_fits_the_schema(self):
        schema = json.loads((ROOT / "docs/forecast.schema.json").read_text())
        signed = "overrides:\n  - {rule: tan, by: Dr A, reason: seen, at: 2026-11-21 10:05 UTC}\n"
        for case, overrides in ((CASE, 0), (CASE + signed, 1)):
            run = cit("simulate", *self.files(case=case), *DRAWS, "--json")
            self.assertEqual(run.returncode, 0, run.stderr)
            document = json.loads(run.stdout)
            self.assertEqual(faults_of(document, schema), [])
            screening = document["screening"]
            self.assertEqual(screening["status"], "ask first")
            self.assertEqual(screening["who"], "physician")
            self.assertFalse(screening["published_arm"])
            self.assertGreater(len(screening["unsettled"]), 10)
            self.assertEqual(len(screening["overrides"]), overrides)

    def test_the_same_bytes_for_any_number_of_threads(self):
        runs = [
            cit("simulate", *example("lotfi-2013"), *DRAWS, "--json", "--threads", n).stdout
            for n in (1, 2, 4)
        ]
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(runs[0], runs[2])
        other = cit("simulate", *example("lotfi-2013"), *DRAWS, "--json", "--seed", 2).stdout
        self.assertNotEqual(runs[0], other)

    def test_options_may_stand_before_or_after(self):
        case, _, protocol = example("alam-2014")
        a = cit("simulate", *DRAWS, "--brief", "--protocol", protocol, case)
        b = cit("simulate", case, "--brief", f"--protocol={protocol}", *DRAWS)
        self.assertEqual((a.returncode, a.stdout), (b.returncode, b.stdout))
        self.assertEqual(a.returncode, 0, a.stderr)

    def test_results_are_not_replaced_without_force(self):
        out = self.at / "out"
        args = ["simulate", *self.files(), *DRAWS, "-o", out]
        self.assertEqual(cit(*args).returncode, 0)
        before = (out / "forecast.json").read_bytes()
        again = cit(*args, "--seed", 9)
        self.assertEqual(again.returncode, 74)
        self.assertIn("--force", again.stderr)
        self.assertEqual((out / "forecast.json").read_bytes(), before)
        self.assertEqual(cit(*args, "--seed", 9, "--force").returncode, 0)
        self.assertNotEqual((out / "forecast.json").read_bytes(), before)

    def test_catalogue_lists(self):
        for what, least in (("devices", 10), ("sites", 14), ("evidence", 40), ("parameters", 90)):
            run = cit("catalogue", what)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertGreater(len(run.stdout.splitlines()), least)
        self.assertIn("Schwarz", cit("catalogue", "devices", "dermaroller-192").stdout)
        self.assertIn("no heat", cit("catalogue", "devices", "rf-49").stdout)
        self.assertIn("20.62", cit("catalogue", "evidence", "malik-2024").stdout)
        self.assertIn("source:", cit("catalogue", "parameters", "sigma").stdout)
        missing = cit("catalogue", "sites", "cheeks")
        self.assertEqual(missing.returncode, 66)
        self.assertIn("did you mean 'cheek'", missing.stderr)
        self.assertEqual(cit("catalogue", "check").returncode, 0)

    def test_a_broken_catalogue_is_told_file_by_file(self):
        for part in ("devices", "sites", "evidence"):
            (self.at / part).mkdir()
        (self.at / "devices/x.yaml").write_text("schema: cit/device/1\nid: x\nneedels: 4\n")
        run = cit("catalogue", "check", "--catalogue", self.at)
        self.assertEqual(run.returncode, 65)
        self.assertIn("x.yaml:3:1: unknown key 'needels'", run.stderr)
        self.assertIn("did you mean 'needles'", run.stderr)

    # ---- screening -----------------------------------------------------------------------

    def test_hard_stops_refuse(self):
        for key, rule in (
            ("pregnant", "pregnant"),
            ("nursing", "nursing"),
            ("isotretinoin", "isotretinoin-now"),
            ("keloid_tendency", "keloid-tendency"),
            ("bleeding_disorder", "bleeding-disorder"),
        ):
            told = self.refused(2, case=CASE.replace(f"{key}: no", f"{key}: yes"))
            self.is_a_refusal(told, rule)
        for key in ("inflamed_acne", "infection", "open_wound", "skin_cancer"):
            told = self.refused(2, case=CASE.replace(f"{key}: no", f"{key}: yes"))
            self.is_a_refusal(told, key.replace("_", "-") + ", cheek, left")
        told = self.refused(2, case=CASE.replace("site: cheek", "site: eyelid"))
        self.is_a_refusal(told, "orbital-rim, eyelid, left")
        home = PROTOCOL.replace("who: physician", "who: home")
        self.refused(2, "home-length", "home-device-professional", protocol=home, faults=2)
        rf = home.replace("dermaroller-192, length: 1.5 mm", "rf-49, length: 2 mm")
        self.refused(2, "radiofrequency-home", "home-length", protocol=rf, faults=3)

    def is_a_refusal(self, told, rule):
        """The case, the rule's id and place, why, and who says so."""
        self.assertRegex(told, rf"^\S+case\.yaml: refused, {rule}: .{{20,}} \(.{{10,}}\)\n$")

    def test_every_refusal_is_told_a_line_a_rule(self):
        case = CASE.replace("pregnant: no, nursing: no", "pregnant: yes, nursing: yes")
        case = case.replace("infection: no", "infection: yes")
        told = self.refused(2, case=case, faults=3)
        for line, rule in zip(told.splitlines(), ("infection, cheek, left", "nursing", "pregnant")):
            self.is_a_refusal(line + "\n", rule)

    def test_what_the_case_shows_elsewhere_counts_as_an_answer(self):
        taking = CASE.replace("sex: female", "sex: female\nmedication: [Isotretinoin 20 mg daily]")
        told = self.refused(2, case=taking.replace("isotretinoin: no, ", ""))
        self.is_a_refusal(told, "isotretinoin-now")
        self.refused(65, "case.yaml", "medicine", "isotretinoin", "says no", case=taking)
        raised = CASE.replace("    infection: no", "    raised: 2 cm2\n    infection: no")
        unsaid = raised.replace("keloid_tendency: no, ", "")
        told = self.refused(2, case=unsaid, faults=2)
        self.assertIn("refused, raised-scar-in-zone, cheek, left: ", told)
        self.assertIn("refused, keloid-tendency: ", told)

    def test_what_is_unanswered_is_marked(self):
        run = cit("simulate", *self.files(case=CASE.replace("pregnant: no, ", "")), *DRAWS)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("ASK FIRST before anybody is needled (by: physician", run.stdout)
        self.assertRegex(run.stdout, r"\n  and \d+ more; `cit screen` tells all")
        run = cit("simulate", *self.files(case=CASE.replace("pregnant: no, ", "")), *DRAWS, "--json")
        screening = json.loads(run.stdout)["screening"]
        self.assertEqual(screening["status"], "ask first")
        pregnant = [u for u in screening["unsettled"] if u["rule"] == "pregnant"]
        self.assertEqual(pregnant[0]["not_known"], ["pregnant"])

    def test_radiofrequency_by_a_physician_is_not_modelled(self):
        rf = PROTOCOL.replace("dermaroller-192, length: 1.5 mm", "rf-49, length: 2 mm")
        self.refused(65, "protocol.yaml:5:5", "no heat", protocol=rf)

    # ---- bad input -----------------------------------------------------------------------

    def test_bad_values_are_located(self):
        boxcar = "{type: boxcar, count: 5, width: 2.5 mm, depth: 0.4 mm}"
        for bad, *words in (
            (boxcar.replace("2.5 mm", "2.5"), "case.yaml:13:41", "no unit"),
            (boxcar.replace("2.5 mm", "2.5 kg"), "wrong unit", "1.5 mm"),
            (boxcar.replace("2.5 mm", "-2.5 mm"), "above 0"),
            (boxcar.replace("2.5 mm", "nan mm"), "not a number"),
            (boxcar.replace("2.5 mm", "inf mm"), "not a number"),
            (boxcar.replace("2.5 mm", "1e999 mm"), "not a number"),
            (boxcar.replace("count: 5", "count: 2.5"), "whole number"),
            (boxcar.replace("boxcar", "boxcars"), "rolling, boxcar, ice-pick"),
            (boxcar.replace("depth: 0.4 mm", "depth: 3 mm"), "more than the skin"),
            (boxcar.replace("}", ", tether: 0.3 mm, open: 0.2 mm}"), "more than the depth"),
            (boxcar.replace("width", "widht"), "did you mean 'width'"),
            (boxcar.replace("count: 5", "count: 5, count: 6"), "twice"),
        ):
            with self.subTest(bad=bad):
                self.refused(65, "case.yaml:13:", *words, case=CASE.replace(boxcar, bad))

    def test_bad_protocols_are_located(self):
        setting = "{device: dermaroller-192, length: 1.5 mm, passes: 10}"
        visit = "  - {status: planned, count: 2, every: 4 weeks}\n"
        for old, new, *words in (
            ("dermaroller-192", "dermaroler-192", "did you mean 'dermaroller-192'"),
            ("1.5 mm", "1.7 mm", "no needle length of 1.7 mm", "0.5, 1, 1.5, 2, 2.5, 3 mm"),
            ("passes: 10", "passes: 0", "from 1"),
            (setting, setting.replace("{", "{site: chek, "), "not in the catalogue"),
            (visit, "  - {status: planned}\n  - {status: done, after: 4 weeks}\n", "done visit"),
            (
                visit,
                "  - {status: done, date: 2026-03-01}\n  - {status: done, date: 2026-02-01}\n",
                "not after",
            ),
            ("4 weeks", "4", "no unit"),
        ):
            with self.subTest(new=new):
                self.refused(65, "protocol.yaml:", *words, protocol=PROTOCOL.replace(old, new))

    def test_courses_that_cannot_be_simulated(self):
        long = PROTOCOL.replace("count: 2, every: 4 weeks", "count: 2, every: 9 years")
        self.refused(65, "protocol.yaml:7:5", "at most 233", protocol=long)
        pen = PROTOCOL.replace(
            "dermaroller-192, length: 1.5 mm", "pen-36, length: 1.5 mm, speed: 1 mm/s, rate: 120 Hz"
        )
        self.refused(65, "protocol.yaml:5:5", "at most 50000", protocol=pen)
        self.refused(65, "speed", "from 1", protocol=pen.replace("speed: 1 ", "speed: 0.0001 "))

    def test_a_grade_that_the_bedside_tests_contradict(self):
        tests = "seen_at_50cm: yes, coverable: no, flattens_on_stretching: no"
        case = CASE.replace("zones:", f"assessment: {{grade: 0, {tests}}}\nzones:")
        self.refused(65, "the three bedside tests say 4", case=case)

    def test_force_leaves_no_chart_of_an_earlier_study(self):
        out = self.at / "out"
        self.assertEqual(cit("simulate", *example("alam-2014"), *DRAWS, "-o", out).returncode, 0)
        self.assertTrue((out / "evidence.svg").exists())
        run = cit("simulate", *self.files(), *DRAWS, "-o", out, "--force")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertFalse((out / "evidence.svg").exists())

    def test_a_date_before_birth(self):
        self.refused(
            65,
            "protocol.yaml:7:5",
            "date of birth",
            case=CASE.replace("sex: female", "sex: female\nborn: 2001-05-06"),
            protocol=PROTOCOL.replace("planned, count: 2, every: 4 weeks", "done, date: 1999-01-01"),
        )

    def test_unknown_site_and_all_faults_of_both_files_at_once(self):
        self.refused(65, "did you mean 'cheek'", case=CASE.replace("site: cheek", "site: cheeek"))
        self.refused(
            65,
            "case.yaml:2:6",
            "case.yaml:3:12",
            "protocol.yaml:2:6",
            case=CASE.replace("female", "femal").replace("III", "3"),
            protocol=PROTOCOL.replace("physician", "me"),
            faults=3,
        )

    def test_files_that_are_no_files(self):
        ok = self.files()
        for name, content, status in (
            ("empty.yaml", b"", 65),
            ("spaces.yaml", b"   \n\n", 65),
            ("braces.yaml", b"{" * (1 << 20), 65),
            ("huge.yaml", b"a" * ((1 << 20) + 1), 65),
            ("binary.yaml", bytes(range(256)), 65),
            ("zero.yaml", b"schema: cit/case/1\0\n", 65),
            ("text.yaml", b"hello\n", 65),
            ("list.yaml", b"- 1\n- 2\n", 65),
            ("other.yaml", PROTOCOL.encode(), 65),
            ("alias.yaml", b"schema: &a cit/case/1\nname: *a\n", 65),
            ("tag.yaml", b"schema: !!str cit/case/1\n", 65),
            ("two.yaml", CASE.encode() + b"---\n" + CASE.encode(), 65),
        ):
            with self.subTest(name=name):
                (self.at / name).write_bytes(content)
                start = time.monotonic()
                run = cit("simulate", self.at / name, *ok[1:])
                self.assertEqual(run.returncode, status, run.stderr)
                self.assertEqual(run.stdout, "")
                self.assertIn(name, run.stderr)
                self.assertLess(time.monotonic() - start, 20)
        run = cit("simulate", self.at, *ok[1:])
        self.assertEqual(run.returncode, 66)
        self.assertIn("directory", run.stderr)
        run = cit("simulate", self.at / "missing.yaml", *ok[1:])
        self.assertEqual(run.returncode, 66)
        self.assertIn("No such file", run.stderr)

    def test_a_file_that_may_not_be_read(self):
        ok = self.files()
        (self.at / "case.yaml").chmod(0)
        run = cit("simulate", *ok, *DRAWS)
        if os.geteuid() == 0:
            self.skipTest("root may read every file")
        self.assertEqual(run.returncode, 66)
        self.assertIn("Permission denied", run.stderr)

    def test_a_full_disk(self):
        with open("/dev/full", "w") as full:
            for args in (["simulate", *self.files(), *DRAWS], ["catalogue", "devices"]):
                run = cit(*args, stdout=full)
                self.assertEqual(run.returncode, 74, run.stderr)
                self.assertIn("No space left", run.stderr)
        run = cit("simulate", *self.files(), *DRAWS, "-o", "/dev/full")
        self.assertEqual(run.returncode, 74)

    def test_interrupt_leaves_nothing(self):
        out = self.at / "out"
        process = subprocess.Popen(
            [CIT, "simulate", *map(str, self.files()), "--draws", "100000", "-o", str(out)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        at_work(process)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, stderr)
        self.assertEqual(stdout, b"")
        self.assertFalse(out.exists())
        self.assertEqual({p.name for p in self.at.iterdir()}, {"case.yaml", "protocol.yaml"})

    def test_colour_is_honoured(self):
        run = cit("simulate", *self.files(), *DRAWS, env={**os.environ, "NO_COLOR": "1"})
        self.assertNotIn("\033", run.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
