#!/usr/bin/python3
"""cit serum as it is typed: pages, documents, refusals, and the same bytes again.

usage: test_serum.py CIT SOURCE_ROOT
"""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # nothing is left in the source folder
from schemas import faults_of  # noqa: E402

CIT, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
ENV = dict(os.environ, CIT_CATALOGUE=str(ROOT / "data"))
ROLLER = ["--device", "dermaroller-192", "--length", "1.5 mm"]
VITAMIN = [*ROLLER, "--solute", "vitamin-c", "--draws", 20]
SCARS = ROOT / "examples/severe-scars"
CASE = [SCARS / "case.yaml", "--protocol", SCARS / "protocol.yaml"]


def cit(*args):
    return subprocess.run(
        [CIT, *map(str, args)], capture_output=True, text=True, timeout=100, env=ENV
    )


class Serum(unittest.TestCase):
    def document(self, *args):
        run = cit("serum", *args, "--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def refused(self, status, words, *args):
        run = cit("serum", *args)
        self.assertEqual(run.returncode, status, run.stderr)
        self.assertEqual(run.stdout, "")
        for word in words:
            self.assertIn(word, run.stderr)

    def test_the_page_warns_before_it_counts(self):
        run = cit("serum", *VITAMIN)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stderr, "")
        page = " ".join(run.stdout.split())
        self.assertLess(page.index("endorse no product"), page.index("at once"))
        self.assertLess(page.index("vitamin-c-on-channels"), page.index("at once"))
        for words in (
            "product-unlabelled", "care nothing-unlabelled-day", "definition impedance",
            "Gupta 2011", "not needled", "24 h", "Assumed, ", "Missing from the ledger",
        ):
            self.assertIn(words, page)
        self.assertNotIn("nan", page.lower().replace("nuance", ""))
        self.assertNotIn("\033", run.stdout)
        self.assertLessEqual(len(run.stdout.splitlines()), 60, "more than a screen")
        self.assertLessEqual(max(map(len, run.stdout.splitlines())), 100)

    def test_json_fits_its_schema_and_the_ledger_closes(self):
        schema = json.loads((ROOT / "docs/serum.schema.json").read_text())
        for args in (
            VITAMIN,
            [*CASE, "--solute", "lidocaine", "--draws", 20],
            [*VITAMIN, "--dose", "endless", "--after", "0h, 30 min", "--skin-type", 6],
            [*VITAMIN, "--occluded", "--density", "250 /cm2"],
            [*ROLLER, "--solute", "hyaluronic-acid-1m", "--draws", 20, "--definition", "calcein"],
        ):
            with self.subTest(args=args):
                result = self.document(*args)
                self.assertEqual(faults_of(result, schema), [])
                self.assertLess(result["missing_share"], 1e-10)
                for moment in result["moments"]:
                    for line in moment["course_ug_per_cm2"]:
                        parts = sum(v for k, v in line.items() if k not in ("hour", "applied"))
                        self.assertAlmostEqual(parts, line["applied"], delta=1e-9 * (line["applied"] or 1))
                for number in result["numbers"]:
                    self.assertTrue(number["source"], number)
                    self.assertLessEqual(number["low"], number["value"])
                    self.assertLessEqual(number["value"], number["high"])

    def test_a_pen_whose_channels_merge(self):
        pen = ["--device", "pen-12", "--length", "1 mm", "--solute", "vitamin-c", "--draws", 100]
        for more, unknown in (([], {"glide_mm_per_s", "rate_Hz"}), (["--density", "90000 /cm2"], set())):
            result = self.document(*pen, *more)
            self.assertGreater(result["question"]["punctures_per_cm2"], 7000)
            listed = {n["name"] for n in result["numbers"]}
            self.assertEqual(listed & {"glide_mm_per_s", "rate_Hz"}, unknown)

    def test_later_gets_less_in_and_dark_skin_and_covers_keep_channels_open(self):
        plain = self.document(*VITAMIN)
        medians = [m["delivered_ug_per_cm2"]["median"] for m in plain["moments"]]
        self.assertEqual(medians, sorted(medians, reverse=True))
        self.assertEqual([m["after_h"] for m in plain["moments"]], [0, 1, 6, 24])
        light, dark = (self.document(*VITAMIN, "--skin-type", t) for t in (1, 6))
        self.assertAlmostEqual(light["closing_time_constant_h"] / plain["closing_time_constant_h"], 0.9)
        self.assertAlmostEqual(dark["closing_time_constant_h"] / plain["closing_time_constant_h"], 1.3)
        covered = self.document(*VITAMIN, "--occluded")
        self.assertEqual(covered["question"]["definition"], "patch")
        self.assertGreater(covered["moments"][2]["channels_open"], plain["moments"][2]["channels_open"])

    def test_seed_and_threads(self):
        one = cit("serum", *VITAMIN, "--json", "--threads", 1).stdout
        self.assertEqual(one, cit("serum", *VITAMIN, "--json", "--threads", 3).stdout)
        self.assertNotEqual(one, cit("serum", *VITAMIN, "--json", "--seed", 2).stdout)

    def test_units(self):
        same = [self.document(*VITAMIN, "--after", "1h", *more) for more in (
            [], ["--dose", "2 uL/cm2"], ["--concentration", "10 %"],
            ["--concentration", "100 mg/mL"], ["--watch", "1 day"], ["--after", "60 min"])]
        for other in same[1:]:
            self.assertAlmostEqual(other["moments"][0]["delivered_ug_per_cm2"]["median"],
                                   same[0]["moments"][0]["delivered_ug_per_cm2"]["median"], places=6)

    def test_a_folder_of_results(self):
        with tempfile.TemporaryDirectory() as at:
            out = pathlib.Path(at) / "out"
            run = cit("serum", *VITAMIN, "-o", out)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual({p.name for p in out.iterdir()}, {"serum.json", "serum.csv", "serum.txt"})
            self.assertEqual(json.loads((out / "serum.json").read_text()), self.document(*VITAMIN))
            lines = [l for l in (out / "serum.csv").read_text().splitlines() if l[0] != "#"]
            rows = list(csv.DictReader(lines))
            self.assertEqual(len(rows), 4 * 25)
            self.assertEqual(float(rows[24]["hour"]), 24)
            again = cit("serum", *VITAMIN, "-o", out)
            self.assertEqual(again.returncode, 74)
            self.assertIn("--force", again.stderr)
            self.assertEqual(cit("serum", *VITAMIN, "-o", out, "--force").returncode, 0)

    def test_usage_faults(self):
        for args in (
            [],
            ["--solute", "vitamin-c"],
            [*ROLLER],
            ["--device", "dermaroller-192", "--solute", "vitamin-c"],
            [*VITAMIN, "--length", "1.5"],
            [*VITAMIN, "--length", "nan mm"],
            [*VITAMIN, "--after", "1"],
            [*VITAMIN, "--after", ""],
            [*VITAMIN, "--after", ",".join(["1h"] * 17)],
            [*VITAMIN, "--dose", "2 mm"],
            [*VITAMIN, "--concentration", "strong"],
            [*VITAMIN, "--passes", "0"],
            [*VITAMIN, "--passes", "2.5"],
            [*VITAMIN, "--skin-type", "7"],
            [*VITAMIN, "--draws", "3"],
            [*VITAMIN, "--no-such-option"],
            [*VITAMIN, "-p", SCARS / "protocol.yaml"],
            [SCARS / "case.yaml", "--solute", "vitamin-c"],
            ["a.yaml", "b.yaml", *VITAMIN],
        ):
            with self.subTest(args=args):
                self.refused(64, ["serum"], *args)

    def test_what_is_not_known(self):
        self.refused(66, ["did you mean 'vitamin-c'"], *ROLLER, "--solute", "vitamin-d")
        self.refused(66, ["no such device"], "--device", "x", "--length", "1 mm", "--solute", "vitamin-c")
        self.refused(66, ["no such site"], *VITAMIN, "--site", "tail")
        self.refused(66, ["no such closure"], *VITAMIN, "--definition", "hearsay")
        self.refused(66, ["none.yaml"], "none.yaml", "-p", "none.yaml", "--solute", "vitamin-c")

    def test_what_cannot_be(self):
        self.refused(65, ["length", "1.5"], *VITAMIN, "--length", "1.4 mm")
        self.refused(65, ["after"], *VITAMIN, "--after", "-1 h")
        self.refused(65, ["after"], *VITAMIN, "--after", "2h,1h")
        self.refused(65, ["after"], *VITAMIN, "--after", "2 years")
        self.refused(65, ["dose"], *VITAMIN, "--dose", "1e9 uL/cm2")
        self.refused(65, ["concentration"], *VITAMIN, "--concentration", "0 mg/mL")
        self.refused(65, ["watch"], *VITAMIN, "--watch", "0 h")
        self.refused(65, ["density"], *VITAMIN, "--density", "1e9 /cm2")
        self.refused(65, ["definition", "uncovered"], *VITAMIN, "--occluded", "--definition", "calcein")
        self.refused(65, ["device"], "--device", "rf-49", "--length", "1 mm", "--solute", "vitamin-c")

    def test_a_catalogue_with_faults(self):
        solute, closure = "solutes/vitamin-c.yaml", "closures/calcein.yaml"
        changes = (
            (solute, "clearance: [0.108 /h, 0.72 /h, 3.6 /h]", "clearance: [0.72 /h, 3.6 /h]", "three numbers"),
            (solute, "clearance: [0.108 /h, 0.72 /h, 3.6 /h]", "clearance: [3.6 /h, 0.72 /h, 0.1 /h]", "must rise"),
            (solute, "clearance: [0.108 /h, 0.72 /h, 3.6 /h]", "clearance: [0 /h, 0.72 /h, 3.6 /h]", "clearance"),
            (solute, "clearance: [0.108 /h, 0.72 /h, 3.6 /h]", "clearance: [1 mm, 2 mm, 3 mm]", "wrong unit"),
            (solute, "clearance: [0.108 /h, 0.72 /h, 3.6 /h]", "clearance: [nan /h, 1 /h, 3 /h]", "nan"),
            (solute, "fields: [clearance]", "fields: [partition]", "'clearance' has no source"),
            (solute, "product-unlabelled", "product-unlabeled", "did you mean 'product-unlabelled'"),
            (solute, "adjunct: vitamin-c", "adjunct: vitamin-d", "vitamin-c"),
            (solute, "solubility: 330", "solubility: 33", "more is sold than dissolves"),
            (solute, "molar_mass: 176.1 Da", "molar_mass: 176.1 Da\nbinding: 1 /h", "go together"),
            (solute, "molar_mass: 176.1 Da", "molar_mas: 176.1 Da", "did you mean 'molar_mass'"),
            (solute, "id: vitamin-c", "id: vitamin-d", "not the file's name"),
            (closure, "usual: no", "usual: yes", "2 are usual for skin that is not occluded"),
            (closure, "half_life: [4.6 h, 5.8 h, 6.9 h]", "half_life: [4.6 h, 5.8 h, 5.8 h]", "must rise"),
        )
        with tempfile.TemporaryDirectory() as at:
            data = pathlib.Path(at) / "data"
            shutil.copytree(ROOT / "data", data)
            for name, old, new, words in changes:
                with self.subTest(change=new):
                    whole = (ROOT / "data" / name).read_text()
                    self.assertIn(old, whole)
                    (data / name).write_text(whole.replace(old, new, 1))
                    run = cit("catalogue", "check", "--catalogue", data)
                    (data / name).write_text(whole)
                    self.assertEqual(run.returncode, 65, run.stderr)
                    self.assertIn(words, run.stderr)
            self.assertEqual(cit("catalogue", "check", "--catalogue", data).returncode, 0)

    def test_help_and_lists(self):
        run = cit("serum", "--help")
        self.assertEqual(run.returncode, 0)
        for word in ("--solute", "--after", "--occluded", "--definition", "endorsement", "product-unlabelled"):
            self.assertIn(word, run.stdout)
        self.assertIn("serum", cit("--help").stdout)
        self.assertIn("vitamin-c", cit("catalogue", "solutes").stdout)
        self.assertIn("Gupta 2011", cit("catalogue", "closures", "impedance").stdout)
        self.assertEqual(cit("catalogue", "solutes", "water").returncode, 66)
        self.assertIn("serum.residue", cit("catalogue", "parameters", "residue").stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
