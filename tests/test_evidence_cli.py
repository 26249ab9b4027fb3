#!/usr/bin/python3
"""Calibration and validation from the command line: files, refusals, a stop, and the same bytes again.

usage: test_evidence_cli.py CIT SOURCE_ROOT
"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import xml.dom.minidom

CIT, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
TINY = ["--chains", 8, "--steps", 2, "--moves", 1, "--people", 2]
FEW = ["--people", 2]
ENV = dict(os.environ, CIT_CATALOGUE=str(ROOT / "data"))


def cit(*args, **more):
    return subprocess.run(
        [CIT, *map(str, args)], capture_output=True, text=True, timeout=200, env=ENV, **more
    )


HEAD = """schema: cit/evidence/1
id: {id}
citation: "Somebody. Something. Journal 2026;1:1."
url: "https://example.org"
read: "abstract"
design: "split-face"
rater: open
participants: 30
usable: "all of it"
arms:
  - name: "roller"
    device: roller
    needle_length: 1.5 mm
    visits: {visits}
    interval: 4 weeks
    passes: unknown
    site: face
    cream: yes
    adjunct: "none"
    participants: 30
    outcomes:
      - {{scale: "{scale}", measure: gb-quantitative, weeks_after_last: 8, statistic: mean, baseline: 20,
         value: {value}}}
      - {{scale: "pain", measure: pain, statistic: mean, value: 4.5}}
"""


def study(id="new-study", visits=4, value=12, scale="score"):
    return HEAD.format(id=id, visits=visits, value=value, scale=scale)


class Evidence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """One tiny calibration that all look at."""
        cls.folder = tempfile.TemporaryDirectory()
        cls.at = pathlib.Path(cls.folder.name)
        cls.out = cls.at / "posterior"
        cls.made = cit("calibrate", "-o", cls.out, *TINY, "--threads", 2)
        cls.posterior = cls.out / "needling.csv"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.mine = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.mine.name)

    def tearDown(self):
        self.mine.cleanup()

    def file(self, name, text):
        (self.here / name).write_text(text)
        return self.here / name

    def validate(self, *args):
        return cit("validate", "--posterior", self.posterior, *FEW, *args)

    # ---- calibrate ---------------------------------------------------------------------------

    def test_a_calibration_writes_both_files_and_nothing_else(self):
        self.assertEqual(self.made.returncode, 0, self.made.stderr)
        self.assertEqual(self.made.stderr, "")
        self.assertEqual(
            sorted(p.name for p in self.out.iterdir()), ["calibration.md", "needling.csv"]
        )
        lines = self.posterior.read_text().splitlines()
        self.assertEqual(lines[0], "# cit posterior 1")
        self.assertRegex(lines[1], r"calibrate --seed 1 --chains 8 --steps 2 --moves 1 --people 2$")
        table = [line.split(",") for line in lines if not line.startswith("#")]
        self.assertEqual(len(table), 1 + 16)
        self.assertEqual({len(row) for row in table}, {len(table[0])})
        self.assertIn("roller_eta", table[0])
        self.assertNotIn("roller_passes", table[0], "settings nobody stated are not fitted")
        self.assertEqual(len(set(table[0])), len(table[0]))
        for number in [float(n) for row in table[1:] for n in row]:
            self.assertLess(abs(number), 8)
        page = (self.out / "calibration.md").read_text()
        self.assertRegex(page, r"\d+ figures, met by following \d+ crowds of 2 people")
        self.assertIn("| roller_eta |", page)
        self.assertNotIn("nan", page)

    def test_the_same_command_gives_the_same_bytes(self):
        again = cit("calibrate", "-o", self.here / "b", *TINY, "--threads", 1)
        self.assertEqual(again.returncode, 0, again.stderr)
        for name in ("needling.csv", "calibration.md"):
            self.assertEqual(
                (self.here / "b" / name).read_bytes(), (self.out / name).read_bytes(), name
            )

    def test_nothing_is_replaced_without_force(self):
        for name in ("needling.csv", "calibration.md"):
            with self.subTest(name):
                folder = self.here / name
                folder.mkdir()
                (folder / name).write_text("mine\n")
                start = time.monotonic()
                run = cit("calibrate", "-o", folder, "--chains", 100000)
                self.assertLess(time.monotonic() - start, 20, "worked before it refused")
                self.assertNotEqual(run.returncode, 0)
                self.assertIn(str(folder / name), run.stderr)
                self.assertIn("--force", run.stderr)
                self.assertEqual(len(run.stderr.splitlines()), 1, run.stderr)
                self.assertEqual([p.name for p in folder.iterdir()], [name])
                self.assertEqual((folder / name).read_text(), "mine\n")

    def test_force_replaces(self):
        folder = self.here / "f"
        folder.mkdir()
        (folder / "needling.csv").write_text("mine\n")
        run = cit("calibrate", "-o", folder, "--force", *TINY)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual((folder / "needling.csv").read_bytes(), self.posterior.read_bytes())

    def test_a_folder_that_cannot_be_is_refused(self):
        blocked = self.file("file", "not a folder\n")
        run = cit("calibrate", "-o", blocked / "below", *TINY)
        self.assertEqual(run.returncode, 74, run.stderr)
        self.assertIn("file", run.stderr)

    def test_usage(self):
        for args in (
            ["calibrate"],
            ["calibrate", "-o", self.here / "x", "file.yaml"],
            ["calibrate", "-o", self.here / "x", "--chains", "7"],
            ["calibrate", "-o", self.here / "x", "--steps", "1"],
            ["calibrate", "-o", self.here / "x", "--people", "1"],
            ["calibrate", "-o", self.here / "x", "--people", "65"],
            ["calibrate", "-o", self.here / "x", "--seed", "-1"],
            ["validate", "--draws", "19"],
            ["validate", "--people", "0"],
            ["validate", "--no-such-option"],
        ):
            with self.subTest(args=args):
                run = cit(*args)
                self.assertEqual(run.returncode, 64, run.stderr)
                self.assertFalse((self.here / "x").exists())

    def stopped(self, *args):
        """Ctrl-C, once it is at work."""
        run = subprocess.Popen(
            [CIT, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV
        )
        time.sleep(2.5)
        self.assertIsNone(run.poll(), "it was done before it could be stopped")
        os.kill(run.pid, signal.SIGINT)
        out, err = run.communicate(timeout=300)
        return run.returncode, out, err

    def test_a_stop_leaves_nothing_half_written(self):
        status, out, err = self.stopped(
            "calibrate", "-o", self.here / "c", "--chains", 20000, "--steps", 50, "--people", 2
        )
        self.assertEqual(status, 130, err)
        self.assertEqual(out, "")
        self.assertFalse((self.here / "c").exists())
        self.assertIn("stopped", err)

    def test_a_stopped_validation_leaves_nothing(self):
        # a posterior long enough to be stopped in
        lines = self.posterior.read_text().splitlines()
        first = next(i for i, line in enumerate(lines) if not line.startswith("#"))
        long = self.file("long.csv", "\n".join(lines[: first + 1] + lines[first + 1 :] * 1200) + "\n")
        status, out, err = self.stopped(
            "validate", "--posterior", long, "-o", self.here / "v", *FEW
        )
        self.assertEqual(status, 130, err)
        self.assertEqual(out, "")
        self.assertFalse((self.here / "v").exists())

    # ---- validate ------------------------------------------------------------------------------

    def test_a_table(self):
        run = self.validate()
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("Predicted against reported, each study left out in its turn; 16 draws", run.stdout)
        self.assertIn("CRPS, mechanism against random-effects mean", run.stdout)
        self.assertRegex(run.stdout, r"90 % intervals hold \d+ of \d+ studies")
        self.assertNotIn("never seen", run.stdout)
        self.assertNotRegex(run.stdout, r"\b-?nan\b|\binf\b")

    def test_a_study_that_was_never_in_it_needs_no_new_fit(self):
        lines = [l for l in self.posterior.read_text().splitlines() if not l.startswith("# studies")]
        posterior = self.file("unseen.csv", "\n".join(lines) + "\n")
        plain = cit("validate", "--posterior", posterior, *FEW)
        anew = cit("validate", "--posterior", posterior, *FEW, "--refit")
        self.assertEqual(plain.returncode, 0, plain.stderr)
        self.assertIn("never seen", plain.stdout)
        self.assertEqual(plain.stdout, anew.stdout)

    def test_json(self):
        run = self.validate("--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        result = json.loads(run.stdout)
        self.assertEqual(result["schema"], "cit/validation/1")
        self.assertEqual(result["draws"], 16)
        self.assertGreater(len(result["between"]), 5)
        self.assertFalse(any(b["never_seen"] for b in result["between"]))
        for b in result["between"]:
            self.assertLessEqual(b["band90"][0], b["median"])
            self.assertLessEqual(b["median"], b["band90"][1])
            self.assertGreaterEqual(b["crps"], 0)
            self.assertTrue(0 <= b["weight"] <= 1)
        inside = sum(b["band90"][0] <= b["reported"] <= b["band90"][1] for b in result["between"])
        self.assertAlmostEqual(result["coverage90"], inside / len(result["between"]), places=5)
        for score in ("crps_mean", "crps_visits", "crps_blend"):
            mean = sum(b["crps"] - b[score] for b in result["between"]) / len(result["between"])
            if score != "crps_blend":
                key = score.replace("crps_", "crps_mechanism_less_")
                self.assertAlmostEqual(result[key]["estimate"], mean, places=3)
        self.assertGreater(len(result["figures"]), 40)
        for f in result["figures"]:
            self.assertLessEqual(f["band90"][0], f["band50"][0], f)
            self.assertLessEqual(f["band50"][1], f["band90"][1], f)
        # The page and the JSON say the same of every study.
        table = self.validate().stdout
        for b in result["between"]:
            self.assertIn(f"  {b['study']} ", table)

    def test_threads_do_not_change_a_byte(self):
        one, two = self.validate("--json", "--threads", 1), self.validate("--json", "--threads", 2)
        self.assertEqual(one.returncode, 0, one.stderr)
        self.assertEqual(one.stdout, two.stdout)
        other = self.validate("--json", "--seed", 2)
        self.assertNotEqual(one.stdout, other.stdout)

    def test_a_folder_of_results(self):
        out = self.here / "v"
        run = self.validate("-o", out)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(
            sorted(p.name for p in out.iterdir()),
            ["validation.json", "validation.md", "validation.png", "validation.svg"],
        )
        result = json.loads((out / "validation.json").read_text())
        self.assertEqual((out / "validation.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        xml.dom.minidom.parse(str(out / "validation.svg"))
        page = (out / "validation.md").read_text()
        for heading in ("## Between studies", "## Within studies", "## Every figure", "## What was not"):
            self.assertIn(heading, page)
        self.assertIn(f" {len(result['figures'])} figures.", page, "rows are missing from the JSON")
        within = page.split("## Within studies")[1].split("##")[0]
        self.assertEqual(len(result["within"]), within.count("\n| ") - 1)
        self.assertNotRegex(page, r"\b-?nan\b|\binf\b")
        again = self.validate("-o", out)
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("--force", again.stderr)
        self.assertEqual(self.validate("-o", out, "--force").returncode, 0)

    def test_nothing_is_written_beside_what_may_not_be_replaced(self):
        out = self.here / "v"
        out.mkdir()
        (out / "validation.json").write_text("mine\n")
        run = self.validate("-o", out)
        self.assertNotEqual(run.returncode, 0)
        self.assertEqual([p.name for p in out.iterdir()], ["validation.json"])

    def test_a_study_never_seen_is_marked(self):
        file = self.file("mine.yaml", study())
        table = self.validate(file)
        self.assertEqual(table.returncode, 0, table.stderr)
        self.assertRegex(table.stdout, r"new-study +4 +40\.0 .*\(never seen\)")
        self.assertEqual(table.stdout.count("(never seen)"), 1)
        result = json.loads(self.validate(file, "--json").stdout)
        self.assertEqual([b["study"] for b in result["between"] if b["never_seen"]], ["new-study"])
        mine = [f for f in result["figures"] if f["study"] == "new-study"]
        self.assertEqual([f["reported"] for f in mine], [40, 4.5])
        # A file stands before the catalogue's study of the same name.
        known = result["between"][1]["study"]
        file = self.file("again.yaml", study(id=known, value=2))
        result = json.loads(self.validate(file, "--json").stdout)
        there = [b for b in result["between"] if b["study"] == known]
        self.assertEqual([b["reported"] for b in there], [90])

    def test_all_faults_of_all_files_at_once(self):
        bad = self.file("bad.yaml", study().replace("rater: open", "rater: nobody"))
        worse = self.file(
            "worse.yaml", study().replace("visits: 4", "visits: many").replace("measure: pain", "measure: ouch")
        )
        good = self.file("good.yaml", study())
        run = self.validate(bad, good, worse)
        self.assertEqual(run.returncode, 65, run.stderr)
        self.assertEqual(run.stdout, "")
        lines = run.stderr.splitlines()
        self.assertEqual(len(lines), 3, run.stderr)
        self.assertRegex(lines[0], r"bad\.yaml:7:\d+: .*'nobody'")
        self.assertRegex(run.stderr, r"worse\.yaml:14:\d+: .*many")
        self.assertRegex(run.stderr, r"worse\.yaml:2\d:\d+: .*'ouch'")

    def test_a_missing_file(self):
        run = self.validate(self.here / "none.yaml")
        self.assertEqual(run.returncode, 66, run.stderr)
        self.assertEqual(len(run.stderr.splitlines()), 1)
        run = cit("validate", "--posterior", self.here / "none.csv", *FEW)
        self.assertEqual(run.returncode, 66, run.stderr)
        self.assertIn("none.csv", run.stderr)

    def test_a_bad_posterior(self):
        bad = self.file("bad.csv", self.posterior.read_text() + "0.1,0.2\n")
        run = cit("validate", "--posterior", bad, *FEW)
        self.assertEqual(run.returncode, 65, run.stderr)
        self.assertRegex(run.stderr, r"bad\.csv:\d+:\d+: .*fewer numbers")
        self.assertEqual(len(run.stderr.splitlines()), 1)

    def test_names_that_are_cut_stay_text(self):
        """A long name of a scale with a letter of two bytes where the label ends."""
        file = self.file("mine.yaml", study(scale="x" * 59 + "é and more"))
        result = json.loads(self.validate(file, "--json").stdout)
        mine = [f for f in result["figures"] if f["study"] == "new-study"]
        self.assertEqual(len(mine), 2, "a figure is missing from the JSON")

    def test_a_single_visit_with_a_stated_interval(self):
        run = self.validate(self.file("mine.yaml", study(visits=1)))
        self.assertEqual(run.returncode, 0, run.stderr)

    # ---- the catalogue's posterior -----------------------------------------------------------------

    def catalogue(self, with_posterior):
        data = self.here / "data"
        shutil.copytree(ROOT / "data", data)
        shutil.rmtree(data / "posterior", ignore_errors=True)
        if with_posterior:
            (data / "posterior").mkdir()
            shutil.copy(self.posterior, data / "posterior" / "needling.csv")
        return data

    def simulate(self, data, *args):
        at = ROOT / "examples" / "malik-2024"
        run = cit(
            "simulate", at / "case.yaml", "-p", at / "protocol.yaml", "--draws", 60, "--json",
            "--catalogue", data, *args
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        result = json.loads(run.stdout)
        return result

    def test_forecasts_use_the_posterior_unless_told_otherwise(self):
        bands = lambda result: json.dumps({k: v for k, v in result.items() if k not in ("catalogue", "program")})
        data = self.catalogue(True)
        with_it, prior = self.simulate(data), self.simulate(data, "--prior")
        self.assertNotEqual(bands(with_it), bands(prior), "the posterior changes nothing")
        self.assertEqual(bands(prior), bands(self.simulate(data, "--prior", "--threads", 1)))
        self.assertEqual(bands(with_it), bands(self.simulate(data, "--threads", 1)))
        shutil.rmtree(data / "posterior")
        none = self.simulate(data)
        with self.subTest("without a file it is the prior"):
            a, b = dict(prior), dict(none)
            self.assertEqual(a.get("quantities") or a.get("bands"), b.get("quantities") or b.get("bands"))

    def test_without_a_posterior(self):
        data = self.catalogue(False)
        self.assertEqual(cit("catalogue", "check", "--catalogue", data).returncode, 0)
        run = cit("validate", "--catalogue", data, *FEW)
        self.assertEqual(run.returncode, 66, run.stderr)
        self.assertIn("cit calibrate", run.stderr)
        self.assertEqual(len(run.stderr.splitlines()), 1)

    def test_a_bad_posterior_is_a_bad_catalogue(self):
        data = self.catalogue(True)
        with open(data / "posterior" / "needling.csv", "a") as out:
            out.write("nan\n")
        run = cit("catalogue", "check", "--catalogue", data)
        self.assertEqual(run.returncode, 65, run.stderr)
        self.assertRegex(run.stderr, r"needling\.csv:\d+:1: ")

    def test_a_posterior_that_cannot_be_opened_is_not_none(self):
        """A link to itself: there is a file of that name, and nobody can read it."""
        data = self.catalogue(False)
        (data / "posterior").mkdir()
        (data / "posterior" / "needling.csv").symlink_to("needling.csv")
        run = cit("catalogue", "check", "--catalogue", data)
        self.assertNotEqual(run.returncode, 0, "forecasts would silently be of the prior")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
