#!/usr/bin/python3
"""Adjuncts, combinations, aims and prices as people get them: `cit catalogue KIND [ID]`.

usage: test_planning_data.py CIT SOURCE_ROOT
"""

import concurrent.futures
import re
import sys
import unittest

sys.dont_write_bytecode = True  # nothing is left in the source folder
from test_advice import EN, ROOT, Suite, catalogue, cit, flat, kincaid, unwrapped  # noqa: E402

KINDS = ("adjuncts", "combinations", "aims", "prices")
SECTIONS = ("adjunct", "combination", "aim", "prices")


class PlanningData(Suite):
    def test_every_kind_lists_every_entry(self):
        for kind in KINDS:
            run = cit("catalogue", kind)
            self.assertEqual(run.returncode, 0, run.stderr)
            entries = catalogue(kind)
            self.assertIn(f"({len(entries)})", run.stdout.splitlines()[0])
            self.good_words(run.stdout)
            listed = "".join(run.stdout.split())  # a long id may stand on two lines
            for name in entries:
                self.assertTrue(re.search(rf"^ *{re.escape(name[:20])}", run.stdout, re.M) or name in listed, name)
            self.fails(cit("catalogue", kind, "no-such-entry"), 66, "no-such-entry", f"cit catalogue {kind}")
        self.fails(cit("catalogue", "adjunct"), 64, "adjuncts")

    def test_every_entry_can_be_shown(self):
        entries = [(kind, name, entry) for kind in KINDS for name, entry in catalogue(kind).items()]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = pool.map(lambda e: cit("catalogue", e[0], e[1]), entries)
            for (kind, name, entry), run in zip(entries, runs):
                with self.subTest(kind=kind, id=name):
                    self.assertEqual(run.returncode, 0, run.stderr)
                    self.good_words(run.stdout)
                    text = unwrapped(run.stdout)
                    for key in ("name", "title", "patient", "clinician", "regulatory", "caution", "instead"):
                        if key in entry:
                            self.assertIn(unwrapped(entry[key]), text)
                    self.assertIn("".join(str(entry["source"]).split())[:60], "".join(run.stdout.split()))

    def test_numbers_and_arms_are_shown(self):
        shown = unwrapped(cit("catalogue", "adjuncts", "rf-needling").stdout)
        for words in ("not significant", "15 October 2025", "Sessions: 3 - 4", "Days between sessions: 42"):
            self.assertIn(words, shown)
        shown = unwrapped(cit("catalogue", "adjuncts", "prp-topical").stdout)
        for words in ("2.97 (1.96 - 4.51)", "ibrahim-mk-2018", "microneedling + PRP", "bellevisage"):
            self.assertIn(words, shown)
        shown = unwrapped(cit("catalogue", "combinations", "needling-filler-later").stdout)
        self.assertIn("First needling, then filler; days between: 28 - 90", shown)
        self.assertIn("180", shown)
        shown = unwrapped(cit("catalogue", "adjuncts", "prp-injected").stdout)
        for words in ("rests on one split-face study of 50", "a trial of 35 that found no difference", "no pain score",
                      "Minutes", "30"):
            self.assertIn(words, shown)
        for strong in ("needling-tca-cross-in-turn", "tca-cross-needling-in-turn"):
            shown = unwrapped(cit("catalogue", "combinations", strong).stdout)
            self.assertIn("No more than 35 % at 14 days and 50 % at 21", shown)
        shown = unwrapped(cit("catalogue", "prices", "germany").stdout)
        for words in ("EUR", "80 - 180", "vdaepc.de", EN["prices"]["incomplete"]):
            self.assertIn(words, shown)

    def test_check_counts_them(self):
        counts = {kind: len(catalogue(kind)) for kind in KINDS}
        self.assertIn(f"{counts['adjuncts']} adjuncts, {counts['combinations']} combinations, {counts['aims']} aims, "
                      f"prices of {counts['prices']} places", cit("catalogue", "check").stdout)

    def test_a_broken_entry_is_told_with_its_place(self):
        for part in (ROOT / "data").iterdir():
            (self.at / part.name).mkdir()
        (self.at / "adjuncts/x.yaml").write_text("schema: cit/adjunct/1\nid: x\ngruop: topical\n")
        run = cit("catalogue", "check", "--catalogue", self.at)
        self.assertEqual(run.returncode, 65)
        self.assertIn("x.yaml:3:1: unknown key 'gruop'", run.stderr)
        self.assertIn("did you mean 'group'", run.stderr)

    def test_patients_can_read_it(self):
        for kind in KINDS:
            for name, entry in catalogue(kind).items():
                for key in ("patient", "caution"):
                    if key in entry:
                        self.assertLessEqual(kincaid(entry[key]), 7.0, f"{kind} {name} {key}")

    def test_every_text_of_theirs_is_asked_for(self):
        code = (ROOT / "src/report/entries.c").read_text()
        for key, _ in flat({section: EN[section] for section in SECTIONS}):
            if key.split(".")[1] not in ("all", "one", "foot"):
                self.assertIn(f'"{key}"', code)

    def test_the_page_that_explains_them_names_every_key(self):
        page = (ROOT / "docs/adjuncts.md").read_text()
        for kind in KINDS:
            for name, entry in catalogue(kind).items():
                for key in entry:
                    self.assertIn(f"`{key}`", page, f"{kind} {name}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
