#!/usr/bin/python3
"""The plan on paper: what `cit plan CASE -o FOLDER` puts into plan.pdf and its charts, read back by Poppler.

usage: test_plan_pdf.py CIT SOURCE_ROOT
"""

import functools
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # nothing is left in the source folder
from test_advice import EN, ROOT, cit, flat, kincaid, unwrapped  # noqa: E402

START = "2027-02-01"
FOLDER = tempfile.TemporaryDirectory()
LIMITS = """limits:
  place: germany
  budget: 600
  judged_by: own rating
  visits: 4
  away: [{from: 2027-02-25, to: 2027-03-20}]
  presentable: [{from: 2027-02-01, to: 2027-02-03}]
"""


class Plan:
    """What one run left in its folder."""

    def __init__(self, person, limits, seed):
        self.at = pathlib.Path(tempfile.mkdtemp(dir=FOLDER.name))
        case = self.at / f"{person}.yaml"
        cit("case", "new", case, "--answers", ROOT / "examples/people" / f"{person}.yaml", "--all", "--date",
            "2026-11-21")
        if limits:
            case.write_text(re.sub(r"^limits:.*\n(?:[ -].*\n)*", "", case.read_text(), flags=re.M) + limits)
        run = cit("plan", case, "-o", self.at / "out", "--draws", "32", "--date", START, "--seed", str(seed))
        self.status, self.said = run.returncode, run.stdout + run.stderr
        self.pdf = self.at / "out/plan.pdf"

    def file(self, name):
        return (self.at / "out" / name).read_bytes()

    @functools.cached_property
    def json(self):
        return json.loads(self.file("plan.json"))

    @functools.cached_property
    def pages(self):
        run = subprocess.run(["pdftotext", self.pdf, "-"], capture_output=True, text=True, check=True)
        return run.stdout.replace("\u00a0", " ").split("\f")[:-1]

    def has(self, words, first=None):
        return "".join(words.split()) in "".join("".join(self.pages[:first]).split())


@functools.cache
def plan(person, limits="", seed=1, again=0):
    return Plan(person, limits, seed)


def prose(pages):
    """Sentences of two words or more; the foot of a sheet, cells of numbers and code are no sentences."""
    text = unwrapped(" ".join(re.split(r"This supports a decision", page)[0] for page in pages))
    text = re.sub(r"\[[\w-]+\]|`[^`]*`", "", text)
    return "\n".join(s for s in re.findall(r"[A-Z][^.!?;]*[.!?]", text) if len(s.split()) > 1 and not re.search(r"\d %", s))


def text(key):
    return functools.reduce(lambda at, part: at[part], key.split("."), EN)


@unittest.skipIf(shutil.which("pdftotext") is None, "pdftotext is not installed (poppler-utils)")
class PlanPdf(unittest.TestCase):
    def test_it_holds_the_dates_and_the_options(self):
        p = plan("deep-scars-28")
        self.assertEqual(p.status, 0, p.said)
        self.assertIn(START, p.pages[0])
        dates = re.search(r"Visits: ([\d, -]+)", unwrapped(p.said))[1].split(",")
        for date in dates:
            if date.strip():
                self.assertTrue(p.has(date.strip(), 2), date)
        self.assertTrue(p.has("do nothing", 1))
        for words in ("in 10", "seen at", "Nine in ten", "no price known", "You and a clinician decide",
                      "Studies of the same tool differ more"):
            self.assertTrue(p.has(words, 1), words)

    def test_odds_are_those_of_the_json(self):
        p = plan("deep-scars-28")
        odds = [option["odds"][key] for option in p.json["options"]
                for key in ("one_grade_better", "two_grades_better", "seen_at_50cm", "worse_than_at_start")]
        shown = "".join(p.pages)
        for value in odds:
            self.assertIn(f"{100 * value:.0f} %", shown)

    def test_the_clinician_finds_every_part(self):
        p = plan("deep-scars-28")
        for key in ("clinician", "reasons", "settings", "options_full", "steps", "alternatives", "turned_down",
                    "drivers", "changes", "harms", "consent", "costs", "maintenance", "sources"):
            self.assertTrue(p.has(text(f"plan_pdf.{key}")), key)
        for words in ("cheek, left: 1.5 mm", "[lasts-a-year]", "[gone-for-good]", "No relapse curve was measured",
                      "FDA safety communication", "5 / 30"):
            self.assertTrue(p.has(words), words)

    def test_every_sheet_is_numbered_and_says_what_it_is(self):
        p = plan("deep-scars-28")
        ids = set()
        for i, page in enumerate(p.pages):
            self.assertIn(f"{i + 1} of {len(p.pages)}", page)
            foot = unwrapped(page)
            self.assertIn("supports a decision that a qualified person makes", foot)
            ids.update(re.findall(r"Document ([0-9a-f]{16})", foot))
        self.assertEqual(len(ids), 1)
        self.assertIn(text("plan_pdf.clinician"), p.pages[2])
        self.assertNotIn(text("plan_pdf.clinician") + "\n", "".join(p.pages[:2]))
        self.assertLess(len(p.pages), 20)

    def test_the_same_again_is_the_same_bytes(self):
        first, second = plan("deep-scars-28"), plan("deep-scars-28", again=1)
        names = sorted(f.name for f in (first.at / "out").iterdir() if f.suffix in (".svg", ".png")) + ["plan.pdf"]
        self.assertGreater(len(names), 4)
        for name in names:
            self.assertEqual(*(hashlib.sha256(p.file(name)).hexdigest() for p in (first, second)), name)

    def test_another_seed_is_another_document(self):
        ids = [re.search(r"Document ([0-9a-f]{16})", unwrapped(plan("deep-scars-28", seed=seed).pages[0]))[1]
               for seed in (1, 2)]
        self.assertNotEqual(*ids)

    def test_who_is_refused_reads_why_and_what_helps(self):
        p = plan("isotretinoin-26")
        self.assertEqual(p.status, 2, p.said)
        for words in ("Not now.", "[isotretinoin-now]", "six months after the last capsule", "What helps instead",
                      "[instead-sunscreen]"):
            self.assertTrue(p.has(words, 1), words)
        self.assertFalse(p.has("What you could do"))
        self.assertTrue(p.has(text("plan_pdf.alternatives")))

    def test_refused_at_home_only(self):
        p = plan("mild-scars-20")
        self.assertEqual(p.status, 0, p.said)
        self.assertTrue(p.has("At home: no.", 1))
        self.assertTrue(p.has("Physician: ask first.", 1))
        self.assertTrue(p.has("[under-22]", 1))

    def test_limits_and_money_are_told(self):
        p = plan("severe-scars-30", LIMITS)
        self.assertEqual(p.status, 0, p.said)
        for words in ("EUR", "You rate the change yourself", "Improvement as rated by the person"):
            self.assertTrue(p.has(words), words)
        self.assertTrue(p.has("Germany, EUR, prices read in 2026") or p.has(text("plan_pdf.choice_nothing")))
        self.assertFalse(p.has("2027-02-01", 1) and p.has("1. 2027-02-01", 1), "a visit on a day to be presentable")

    def test_doing_nothing_is_said_plainly(self):
        p = plan("deep-scars-28", "limits:\n  settings: [home]\n")
        self.assertEqual(p.status, 0, p.said)
        self.assertTrue(p.has("The model would do nothing first.", 1))
        self.assertTrue(p.has("subcision", 1))
        self.assertFalse(p.has(text("plan_pdf.settings")))

    def test_the_person_can_read_it(self):
        for person in ("deep-scars-28", "mild-scars-20", "isotretinoin-26"):
            with self.subTest(person=person):
                words = prose(plan(person).pages[:2 if person != "isotretinoin-26" else 1])
                self.assertGreater(len(words.split()), 100)
                self.assertLessEqual(kincaid(words), 7.0, words)

    def test_nothing_leaves_the_sheet(self):
        for person in ("deep-scars-28", "severe-scars-30", "isotretinoin-26"):
            run = subprocess.run(["pdftotext", "-bbox", plan(person).pdf, "-"], capture_output=True, text=True, check=True)
            boxes = re.findall(r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>', run.stdout)
            self.assertGreater(len(boxes), 500)
            for x0, y0, x1, y1, word in boxes:
                inside = float(x0) >= 40 and float(x1) <= 556 and float(y0) >= 38 and float(y1) <= 805
                self.assertTrue(inside, f"{person}: '{word}' at {x0} {y0} {x1} {y1}")

    def test_every_text_is_asked_for(self):
        code = "".join((ROOT / "src/report" / f"plan_{name}.c").read_text() for name in ("pdf", "dossier", "chart", "facts"))
        for key, _ in flat({"plan_pdf": EN["plan_pdf"]}):
            if not re.search(r"consent_\d+$", key):
                self.assertTrue(f'"{key}"' in code, key)
        for key in set(re.findall(r'"(plan_pdf\.\w+)"', code)):
            self.assertTrue(text(key), key)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
