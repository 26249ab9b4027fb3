#!/usr/bin/python3
"""Advice as people get it: questions at a terminal, screening, the page for home, visits, usual answers.

usage: test_advice.py CIT SOURCE_ROOT
"""

import concurrent.futures
import datetime
import fcntl
import itertools
import json
import math
import os
import pathlib
import random
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import termios
import unittest

sys.dont_write_bytecode = True  # nothing is left in the source folder
from schemas import faults_of  # noqa: E402
from test_cli import CIT, DRAWS, ROOT, cit  # noqa: E402

os.environ.setdefault("CIT_CATALOGUE", str(ROOT / "data"))
os.environ["NO_COLOR"] = "1"
PEOPLE = ROOT / "examples/people"
DAY = "2026-11-21"

# ---- a reader for the plain YAML of the catalogue -------------------------------------------------


def scalar(text):
    """A text, or a flow map or list of texts."""
    text = text.strip()
    if text.startswith('"') and text.endswith('"'):
        return text[1:-1].replace('\\"', '"')
    if text.startswith("{"):
        pairs = re.findall(r'([\w-]+): ("(?:[^"\\]|\\.)*"|[^,}]+)', text)
        return {key: scalar(value) for key, value in pairs}
    if text.startswith("["):
        return [scalar(t) for t in text[1:-1].split(",") if t.strip()]
    return text


def read_yaml(path):
    """Maps, folded texts and one-line values, as data/ writes them; entries of lists are left out."""
    top, stack = {}, []
    lines = [t for t in path.read_text().splitlines() if t.strip() and not t.strip().startswith("#")]
    at = 0
    while at < len(lines):
        indent = len(lines[at]) - len(lines[at].lstrip())
        key = re.match(r'\s*"?([\w -]+?)"?:(?: (.*))?$', lines[at])
        at += 1
        if key is None or lines[at - 1].lstrip().startswith("- "):
            continue
        while stack and stack[-1][0] >= indent:
            stack.pop()
        into = stack[-1][1] if stack else top
        if key[2] in (">-", ">", "|"):
            part = []
            while at < len(lines) and len(lines[at]) - len(lines[at].lstrip()) > indent:
                part.append(lines[at].strip())
                at += 1
            into[key[1]] = " ".join(part)
        elif key[2]:
            into[key[1]] = scalar(key[2])
        else:
            into[key[1]] = {}
            stack.append((indent, into[key[1]]))
    return top


def catalogue(kind):
    return {p.stem: read_yaml(p) for p in sorted((ROOT / "data" / kind).glob("*.yaml"))}


EN = read_yaml(ROOT / "data/texts/en.yaml")["texts"]


def flat(texts, prefix=""):
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


# ---- a person at a terminal -----------------------------------------------------------------------

END, STOP = "\x04", "\x03"  # what Ctrl-D and Ctrl-C type


class Talk:
    """The program asks on a terminal, somebody types; what was shown before each answer is kept."""

    def __init__(self, args, answers, prompt=rb"(^|\n)> $"):
        answers, self.shown = list(answers), []
        try:
            ours, theirs = os.openpty()
        except OSError as fault:  # a machine without /dev/pts
            raise unittest.SkipTest(f"there are no pseudo-terminals here: {fault}") from fault
        mode = termios.tcgetattr(theirs)
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, mode)
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(
                [CIT, *map(str, args)],
                stdin=theirs,
                stderr=theirs,
                stdout=out,
                start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            )
            os.close(theirs)
            seen = b""
            while select.select([ours], [], [], 20)[0]:
                try:
                    part = os.read(ours, 1 << 16)
                except OSError:  # the other side is closed
                    break
                seen += part
                if re.search(prompt, seen.replace(b"\r", b"")):
                    self.shown.append(seen)
                    seen = b""
                    typed = answers.pop(0) if answers else END
                    typed = typed if isinstance(typed, bytes) else typed.encode()
                    os.write(ours, typed + (b"" if typed in (b"\x04", b"\x03") else b"\n"))
            else:
                process.kill()
                raise AssertionError(f"nothing more is said: {seen!r}")
            self.status = process.wait(20)
            os.close(ours)
            out.seek(0)
            self.out = out.read().decode()
        self.left = answers
        self.shown = [s.decode(errors="replace").replace("\r", "") for s in (*self.shown, seen)]
        self.end = self.shown[-1]
        self.text = "".join(self.shown)


# Answers against which no rule speaks, in the order in which they are asked.
CALM = {
    "done_by": "physician",
    "zones": "cheek left, temples",
    "skin_now": "none",
    "sex": "female",
    "expecting": "none",
    "isotretinoin": "never",
    "blood": "none",
    "illness": "none",
    "skin_before": "none",
    "allergies": "none",
    "medicines": "none",
    "earlier": "none",
    "age": "30",
    "skin_type": "II",
    "concern": "no",
    "expectation": "clear improvement",
    "weight": "61",
    "cause": "acne",
    "grade": "3",
    "scars": "rolling 5, boxcar 3, ice-pick ?",
}
CALM_HOME = {
    "needled": "never",
    "age": "30",
    "zones": "cheeks",
    "skin_now": "none",
    "health": "none",
    "medicines": "none",
    "earlier": "none",
    "skin_type": "II",
}


def answers_text(answers):
    return "schema: cit/answers/1\n" + "".join(f'{k}: "{v}"\n' for k, v in answers.items())


def date(text):
    return datetime.date.fromisoformat(text)


def after(text, days):
    return (date(text) + datetime.timedelta(days)).isoformat()


def unwrapped(text):
    return " ".join(text.split())


def pdf_text(path):
    run = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True)
    if run.returncode != 0:
        raise AssertionError(run.stderr)
    return run.stdout


def kincaid(text):
    run = subprocess.run(["style"], input=text, capture_output=True, text=True)
    return float(re.search(r"Kincaid: (-?[\d.]+)", run.stdout)[1])


class Suite(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.at = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def file(self, name, text):
        (self.at / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.at / name

    def case_of(self, answers, name="case.yaml", day=DAY):
        """A case file from answers, whatever the rules say of it."""
        self.file("answers.yaml", answers_text(answers))
        run = cit("case", "new", self.at / name, "--answers", self.at / "answers.yaml",
                  "--date", day, "--all", "--force")
        self.assertEqual(run.returncode, 0, run.stderr)
        return self.at / name

    def screened(self, case, *args, day=DAY):
        run = cit("screen", case, "--json", "--date", day, *args)
        self.assertIn(run.returncode, (0, 2, 3), run.stderr)
        return json.loads(run.stdout)

    def fails(self, run, status, *words):
        self.assertEqual(run.returncode, status, run.stderr + run.stdout)
        self.assertEqual(run.stdout, "")
        for word in words:
            self.assertIn(word, run.stderr)

    def good_words(self, text):
        """No key where a text should be, no brace left, nothing that only a program would say."""
        for section in EN:
            self.assertNotRegex(text, rf"(?<![\w/.-]){section}\.[a-z_]+[.a-z_]*(?![\w/(-])", section)
        for bad in (r"\{\w+\}", r"\bnan\b", r"\(null\)", r"\binf\b", "\033"):
            self.assertNotRegex(text, bad)


# ---- cit case new ---------------------------------------------------------------------------------

# An answer that cannot be read, and words of the reason that is given.
CASE_BAD = (
    ("done_by", "surgeon", "a home, b aesthetician, c physician"),
    ("done_by", "d", "none of"),
    ("zones", "", "an answer is needed"),
    ("zones", "chek left", "did you mean 'cheek'"),
    ("zones", "cheek left, cheek left", "there twice"),
    ("zones", "cheeks, cheek left", "there twice"),
    ("zones", "none", "at least one place"),
    ("zones", "?", "at least one place"),
    ("zones", ",", "at least one place"),
    ("skin_now", "x", "a inflamed_acne"),
    ("skin_now", "a e z", "'z'"),
    ("sex", "woman", "female"),
    ("expecting", "c", "pregnant"),
    ("isotretinoin", "2 pounds", "not a time"),
    ("isotretinoin", "2031-01-01", "lies ahead"),
    ("isotretinoin", "2026-02-29", "not a time"),
    ("isotretinoin", "-3 weeks", "not a time"),
    ("blood", "z", "bleeding_disorder"),
    ("illness", "9", "keloid_tendency"),
    ("skin_before", "h", "cold_sores"),
    ("allergies", "penicillin", "metal_allergy"),
    ("medicines", ", ".join(f"name{i}" for i in range(25)), "at most 24"),
    ("earlier", "magic 2 weeks ago", "needling"),
    ("earlier", "laser 2031-01-01", "lies ahead"),
    ("earlier", "laser soon", "not a time"),
    ("age", "old", "not a number"),
    ("age", "-3", "out of range"),
    ("age", "0", "out of range"),
    ("age", "130", "out of range"),
    ("age", "28 kg", "unit"),
    ("age", "nan", "not a number"),
    ("age", "inf years", "not a number"),
    ("age", "9" * 3000, "longer than an answer can be"),
    ("skin_type", "VII", "a I, b II, c III"),
    ("skin_type", "7", "none of"),
    ("concern", "maybe", "a no, b yes"),
    ("expectation", "all of them", "complete removal"),
    ("weight", "0", "out of range"),
    ("weight", "500", "out of range"),
    ("weight", "70 mm", "unit"),
    ("cause", "measles", "chickenpox"),
    ("grade", "5", "0 to 4"),
    ("grade", "2.5", "0 to 4"),
    ("grade", "-1", "0 to 4"),
    ("grade", "two", "not a number"),
    ("scars", "pits 5", "rolling 5, boxcar 3"),
    ("scars", "rolling 501", "cannot be read"),
    ("scars", "rolling 2.5", "cannot be read"),
    ("scars", "rolling 1, rolling 2", "there twice"),
)

# An answer, and whether a rule then refuses: at home, by an aesthetician, by a physician.
DANGERS = (
    ("zones", "eyelid left", "HAP"),
    ("zones", "lips", "HA"),
    ("zones", "neck", "H"),
    ("zones", "chest", "H"),
    ("zones", "infraorbital both", "H"),
    ("zones", "perioral", "H"),
    ("skin_now", "inflamed_acne", "HAP"),
    ("skin_now", "infection", "HAP"),
    ("skin_now", "cold_sore", "HAP"),
    ("skin_now", "open_wound", "HAP"),
    ("skin_now", "sunburn", "HAP"),
    ("skin_now", "inflamed_skin", "HAP"),
    ("skin_now", "skin_cancer", "HAP"),
    ("skin_now", "keratosis", "HA"),
    ("skin_now", "raised_lesion", "HA"),
    ("expecting", "pregnant", "HAP"),
    ("expecting", "nursing", "HAP"),
    ("isotretinoin", "now", "HAP"),
    ("isotretinoin", "2 months ago", "HA"),
    ("blood", "bleeding_disorder", "HAP"),
    ("blood", "anticoagulant", "HA"),
    ("blood", "immunosuppressed", "HA"),
    ("blood", "steroids", "HA"),
    ("blood", "chemotherapy", "HAP"),
    ("illness", "keloid_tendency", "HAP"),
    ("illness", "collagen_disease", "HAP"),
    ("illness", "radiotherapy", "HA"),
    ("illness", "diabetes", "H"),
    ("illness", "heart_disease", "H"),
    ("skin_before", "cold_sores", "H"),
    ("skin_before", "eczema", "H"),
    ("skin_before", "dark_marks", "H"),
    ("skin_before", "tan", "HAP"),
    ("allergies", "metal_allergy", "HAP"),
    ("medicines", "Roaccutane 20 mg", "HAP"),
    ("medicines", "warfarin", "HA"),
    ("earlier", "needling yesterday", "HAP"),
    ("earlier", "needling 3 weeks ago", "HA"),
    ("earlier", "laser 3 weeks ago", "HA"),
    ("earlier", "peel 2026-11-20", "HA"),
    ("age", "15", "HAP"),
    ("age", "20", "HA"),
    ("skin_type", "VI", "H"),
    ("concern", "yes", "H"),
)
USERS = {"H": "home", "A": "aesthetician", "P": "physician"}


class NewCase(Suite):
    def new(self, answers, *args, name="new.yaml"):
        return Talk(["case", "new", self.at / name, "--date", DAY, *args], answers)

    def test_a_whole_consultation(self):
        talk = self.new(CALM.values())
        self.assertEqual(talk.status, 0, talk.text)
        self.assertEqual(len(talk.shown), len(CALM) + 1)
        for number, (question, shown) in enumerate(zip(CALM, talk.shown), 1):
            texts = EN["case"][question]
            self.assertIn(f"Question {number} of {len(CALM)}: {texts['ask']}\n", shown)
            self.assertIn(f"   ({texts['help']})\n", shown)
            options = [v for k, v in texts.items() if k not in ("ask", "help")]
            for letter, words in zip("abcdefghi", options):
                self.assertIn(f"   {letter}  {words}\n", shown)
            self.assertEqual(len(re.findall(r"^   \w  ", shown, re.M)), len(options))
        self.assertIn("cleared (physician)", talk.end)
        self.assertIn(f"cit screen {self.at}/new.yaml --protocol", talk.end)
        self.good_words(talk.text)

        # The same as from a file of answers, byte for byte; sound; and screened alike.
        case = self.case_of(CALM)
        self.assertEqual((self.at / "new.yaml").read_bytes(), case.read_bytes())
        check = cit("case", "check", self.at / "new.yaml")
        self.assertEqual((check.returncode, check.stderr), (0, ""))
        self.assertIn("sound; 2 zones, 0 rules not settled (physician)", check.stdout)
        seen = self.screened(self.at / "new.yaml")
        self.assertEqual(seen["verdict"], "cleared")
        expected = self.screened(case)
        self.assertEqual({**seen, "case": ""}, {**expected, "case": ""})

    def test_without_a_file_the_case_is_printed(self):
        talk = Talk(["case", "new", "--date", DAY], CALM.values())
        self.assertEqual(talk.status, 0, talk.text)
        self.assertEqual(talk.out, self.case_of(CALM).read_text())
        self.assertNotIn("schema:", talk.text)

    def test_every_line_says_what_it_means(self):
        lines = self.case_of(CALM).read_text().splitlines()
        self.assertEqual(lines[0], "schema: cit/case/1")
        for line in lines[1:]:
            self.assertRegex(line, r"^ *(- )?\w+:.*  # \S.*$")
        self.assertTrue(any("age: 30 years  #" in line for line in lines))

    def test_a_bad_answer_is_asked_again_with_the_reason(self):
        typed, reasons = [], []
        for question, good in CALM.items():
            for where, bad, reason in CASE_BAD:
                if where == question:
                    typed.append(bad)
                    reasons.append((question, bad, reason))
            typed.append(good)
            reasons.append(None)
        talk = self.new(typed)
        self.assertEqual(talk.status, 0, talk.text)
        self.assertEqual(len(talk.shown), len(typed) + 1)
        for expected, answer in zip(reasons, talk.shown[1:]):
            if expected is None:
                self.assertNotRegex(answer, "\n> .*\n   '")
                continue
            question, bad, reason = expected
            with self.subTest(question=question, bad=bad[:40]):
                lines = answer.splitlines()
                self.assertEqual(len(lines), 2, answer)  # the reason, and the prompt again
                self.assertIn(reason, lines[0])
                self.assertLess(len(lines[0]), 250)
        self.assertEqual((self.at / "new.yaml").read_bytes(), self.case_of(CALM).read_bytes())

    def test_nobody_knows(self):
        """`?` answers everything but the place; then nothing is assumed to be safe."""
        answers = {q: "?" for q in CALM} | {"zones": "nose"}
        talk = self.new(answers.values())
        self.assertEqual(talk.status, 0, talk.text)
        self.assertEqual(len(talk.shown), len(CALM) + 1)
        self.assertIn("ask first (whoever needles)", talk.end)
        self.assertEqual((self.at / "new.yaml").read_bytes(), self.case_of(answers).read_bytes())
        seen = self.screened(self.at / "new.yaml")
        self.assertEqual((seen["verdict"], seen["worst"], seen["who"]), ("ask first", "refused", "unknown"))
        self.assertEqual(set(seen["all_zones"].values()), {"ask first"})
        text = (self.at / "new.yaml").read_text()
        self.assertNotRegex(text, r": (yes|no)\b")

    def test_names_letters_numbers_and_long_forms_read_alike(self):
        first = self.case_of(CALM | {"done_by": "c", "sex": "1", "skin_type": "b", "concern": "n",
                                     "age": "30 years", "weight": "61 kg", "cause": "A",
                                     "expectation": "2", "skin_now": "none", "zones":
                                     "left cheek, temple both"}).read_bytes()
        self.assertEqual(first, self.case_of(CALM).read_bytes())
        a = self.case_of(CALM | {"illness": "b d", "skin_before": "a, c"}).read_bytes()
        b = self.case_of(CALM | {"illness": "collagen_disease, diabetes",
                                 "skin_before": "psoriasis cold_sores"}).read_bytes()
        self.assertEqual(a, b)

    def test_pregnancy_is_not_asked_of_men(self):
        answers = {q: a for q, a in CALM.items() if q != "expecting"} | {"sex": "male"}
        talk = self.new(answers.values())
        self.assertEqual(talk.status, 0, talk.text)
        self.assertNotIn(EN["case"]["expecting"]["ask"], talk.text)
        text = (self.at / "new.yaml").read_text()
        self.assertIn("  pregnant: no ", text)
        self.assertIn("  nursing: no ", text)
        self.assertEqual(self.screened(self.at / "new.yaml")["verdict"], "cleared")

    def test_the_first_refusal_stops_the_questions(self):
        questions = list(CALM)
        for question, danger, refused_for in DANGERS:
            with self.subTest(question=question, danger=danger):
                verdicts = self.screened(self.case_of(CALM | {question: danger}))["all_zones"]
                refused = "".join(u for u, who in USERS.items() if verdicts[who] == "refused")
                self.assertEqual(refused, refused_for)
                # Asked by the most trained of those for whom it is refused.
                who = USERS[refused_for[-1]]
                talk = self.new((CALM | {"done_by": who, question: danger}).values(), "--force")
                self.assertEqual(talk.status, 2, talk.text)
                self.assertEqual(len(talk.shown), questions.index(question) + 2, talk.text)
                self.assertIn(f"Stopped: refused ({EN['who'][who]}).", talk.end)
                self.assertRegex(talk.end, r"\n- .{30,} \[[a-z0-9-]+; .{8,}\]\n")
                self.assertIn("Not refused for all" if refused_for != "HAP" else
                              "Refused for everybody", talk.end)
                self.assertEqual("`cit home`" in talk.end, who == "home")
                self.assertEqual("--all" in talk.end, who != "home")
                self.assertIn("new.yaml: written", talk.end)
                self.good_words(talk.text)
                self.assertEqual(self.screened(self.at / "new.yaml")["verdict"], "refused")

    def test_a_medicine_answers_what_was_denied_before(self):
        """Somebody says no to blood thinners, then names one: the name counts, and the case is sound."""
        for name, fact in (("warfarin", "anticoagulant"), ("Eliquis", "anticoagulant"),
                           ("prednisolone", "steroids"), ("methotrexate", "immunosuppressed")):
            for who in ("home", "physician"):
                talk = self.new((CALM | {"done_by": who, "medicines": name}).values(), "--all", "--force")
                self.assertEqual(talk.status, 0, talk.text)
                check = cit("case", "check", self.at / "new.yaml")
                self.assertEqual(check.returncode, 0, check.stderr)
                self.assertNotEqual(self.screened(self.at / "new.yaml")["verdict"], "cleared")
                self.assertNotIn(f"  {fact}: no ", (self.at / "new.yaml").read_text())

    def test_names_are_kept_as_they_are_typed(self):
        for name in ('a"b\\c', "x: y # z", "null", "- a", "[a", "{a", "*a", "&a", "!a", "\u00e9 \u6f22\u5b57",
                     "%s%n", "~", "'single'", "#", "|", "> y", "1e5", "2026-01-01", "...", "---", "yes"):
            with self.subTest(name=name):
                talk = self.new((CALM | {"medicines": name}).values(), "--force")
                self.assertEqual(talk.status, 0, talk.text)
                kept = name.replace("\\", "\\\\").replace('"', '\\"')
                self.assertIn(f'medication: ["{kept}"]', (self.at / "new.yaml").read_text())
                self.assertEqual(cit("case", "check", self.at / "new.yaml").returncode, 0)

    def test_what_no_file_can_hold_is_asked_again_at_once(self):
        """Not after twenty answers: control characters, bytes that are no UTF-8, a letter cut in two."""
        for typed in (b"caf\xe9", b"a\x01b", b"\xff\xfe", ("\u6f22" * 30).encode()):
            with self.subTest(typed=typed):
                place = list(CALM).index("medicines")
                answers = [*CALM.values()]
                talk = self.new([*answers[:place], typed, *answers[place:]], "--force")
                if len(talk.shown) == len(CALM) + 1:  # read; then it must have been kept
                    talk = self.new([*answers[:place], typed, *answers[place + 1:]], "--force")
                else:
                    self.assertEqual(len(talk.shown), len(CALM) + 2)
                self.assertEqual(talk.status, 0, talk.text)
                self.assertEqual(cit("case", "check", self.at / "new.yaml").returncode, 0)

    def test_all_asks_on_in_spite_of_refusals(self):
        answers = CALM | {"skin_now": "b", "expecting": "a", "illness": "a"}
        talk = self.new(answers.values(), "--all")
        self.assertEqual(talk.status, 0, talk.text)
        self.assertEqual(len(talk.shown), len(CALM) + 1)
        self.assertIn("REFUSED (physician)", talk.end)
        self.assertEqual((self.at / "new.yaml").read_bytes(), self.case_of(answers).read_bytes())

    def test_nobody_said_who(self):
        """Stopped only where everybody is refused."""
        talk = self.new((CALM | {"done_by": "?", "illness": "diabetes"}).values())
        self.assertEqual(talk.status, 0, talk.text)
        self.assertIn("ask first", talk.end)
        talk = self.new((CALM | {"done_by": "?", "expecting": "a"}).values(), "--force")
        self.assertEqual(talk.status, 2, talk.text)
        self.assertEqual(len(talk.shown), 6)
        self.assertIn("whoever needles", talk.end)

    def test_the_end_of_the_answers_writes_nothing(self):
        for given in range(len(CALM)):
            talk = self.new([*list(CALM.values())[:given], END])
            self.assertEqual(talk.status, 130, talk.text)
            self.assertIn(f"ended at question {given + 1}; nothing was written", talk.end)
            self.assertEqual(talk.out, "")
            self.assertEqual(list(self.at.iterdir()), [])

    def test_control_c_writes_nothing(self):
        for given in (0, 1, 10, len(CALM) - 1):
            talk = self.new([*list(CALM.values())[:given], STOP])
            self.assertIn(talk.status, (130, -signal.SIGINT), talk.text)
            self.assertEqual(list(self.at.iterdir()), [])

    def test_a_file_that_is_there_is_kept_and_nothing_is_asked(self):
        there = self.file("new.yaml", "mine\n")
        for answers in ([], ["--answers", self.file("answers.yaml", answers_text(CALM))]):
            talk = self.new(["physician"], *answers)
            self.assertEqual(talk.status, 74, talk.text)
            self.assertIn("--force", talk.text)
            self.assertNotIn("Question", talk.text)
            self.assertEqual(there.read_text(), "mine\n")
        self.assertEqual(self.new(CALM.values(), "--force").status, 0)
        self.assertIn("cit/case/1", there.read_text())

    def test_a_place_that_cannot_be_written(self):
        self.file("answers.yaml", answers_text(CALM))
        for where in ("/dev/full", self.at, self.at / "no/such/folder.yaml"):
            run = cit("case", "new", where, "--answers", self.at / "answers.yaml", "--force")
            self.fails(run, 74, str(where))
        with open("/dev/full", "w") as full:
            run = cit("case", "new", "--answers", self.at / "answers.yaml", stdout=full)
            self.assertEqual(run.returncode, 74)
            self.assertIn("No space left", run.stderr)

    def test_usage(self):
        for args in (["case"], ["case", "old"], ["case", "check"], ["case", "new", "a", "b"],
                     ["case", "new", "--date", "2027-02-29"], ["case", "new", "--date", "tomorrow"],
                     ["home", "x"], ["home", "--date", "29-02-2028"], ["screen"], ["visit"],
                     ["visit", "sheet"], ["visit", "sheet", "x"], ["visit", "add"], ["visit", "car"],
                     ["visit", "care", "--who", "doctor"], ["visit", "sheet", "x", "-p", "y",
                     "--number", "0"], ["answers"], ["answers", "a", "b"]):
            with self.subTest(args=args):
                self.fails(cit(*args), 64, "--help")
        for command in ("case", "screen", "home", "visit", "answers", "catalogue"):
            self.assertIn("Usage", cit(command, "--help").stdout)
            self.assertRegex(cit("--help").stdout, rf"\n  {command} +\w")
        for status in (0, 2, 3, 64, 65, 66, 70, 74, 130):
            self.assertRegex(cit("--help").stdout.split("Exit status:")[1], rf"\b{status} \w")
        unknown = cit("home", "--language", "xx", "--answers", "x")
        self.assertEqual(unknown.returncode, 66)
        self.assertIn("xx", unknown.stderr)


# ---- files of answers -----------------------------------------------------------------------------


class AnswersFiles(Suite):
    def new(self, text, *args):
        return cit("case", "new", "--date", DAY, "--all", "--answers", self.file("a.yaml", text), *args)

    def test_an_unknown_question(self):
        run = self.new(answers_text(CALM).replace("skin_type:", "skintype:"))
        self.fails(run, 65, "a.yaml:15:1: there is no question 'skintype'; did you mean 'skin_type'?")
        run = self.new("schema: cit/answers/1\nzzzzzzzz: 1\n")
        self.fails(run, 65, "a.yaml:2:1: there is no question 'zzzzzzzz'")
        self.assertNotIn("did you mean", run.stderr)
        run = cit("home", "--answers", self.file("h.yaml", answers_text(CALM_HOME | {"helth": "?"})))
        self.fails(run, 65, "did you mean 'health'")

    def test_all_bad_answers_in_one_go_with_their_places(self):
        bad = {question: (answer, reason) for question, answer, reason in CASE_BAD
               if len(answer) < 100 and answer.strip(",")}
        text = answers_text({q: bad.get(q, [a])[0] for q, a in CALM.items()})
        run = self.new(text)
        self.assertEqual(run.returncode, 65, run.stderr)
        lines = run.stderr.splitlines()
        self.assertEqual(len(lines), len(bad), run.stderr)
        for line in lines:
            place = re.match(r"\S+a\.yaml:(\d+):(\d+): (\w+): ", line)
            self.assertTrue(place, line)
            self.assertTrue(text.splitlines()[int(place[1]) - 1].startswith(place[3] + ":"), line)
            self.assertEqual(int(place[2]), len(place[3]) + 3, line)
            self.assertIn(bad[place[3]][1], line)
        self.assertEqual(run.stdout, "")

    def test_what_is_left_out_is_not_known(self):
        short = self.new("schema: cit/answers/1\nzones: nose\n")
        self.assertEqual(short.returncode, 0, short.stderr)
        long = self.new(answers_text({q: "unknown" for q in CALM} | {"zones": "[nose]"})
                        .replace('"[nose]"', "[nose]"))
        self.assertEqual(short.stdout, long.stdout)
        missing = self.new(answers_text({q: a for q, a in CALM.items() if q != "zones"}))
        self.fails(missing, 65, "a.yaml:1:1", "zones", "at least one place is needed")

    def test_lists_and_texts_read_alike(self):
        plain = self.new(answers_text(CALM | {"illness": "diabetes, radiotherapy"}))
        listed = self.new(answers_text(CALM | {"illness": "@"}).replace(
            '"@"', "[diabetes, radiotherapy]"))
        self.assertEqual(plain.returncode, 0, plain.stderr)
        self.assertEqual(plain.stdout, listed.stdout)
        empty = self.new(answers_text(CALM | {"illness": "@"}).replace('"@"', "[]"))
        self.assertEqual(empty.stdout, self.new(answers_text(CALM)).stdout)

    def test_files_that_are_no_answers(self):
        for name, content, status in (
            ("empty.yaml", b"", 65),
            ("spaces.yaml", b" \n\n", 65),
            ("binary.yaml", bytes(range(256)), 65),
            ("huge.yaml", b"a" * ((1 << 20) + 1), 65),
            ("text.yaml", b"hello\n", 65),
            ("list.yaml", b"- 1\n", 65),
            ("other.yaml", b"schema: cit/case/1\nzones: [{site: nose}]\n", 65),
            ("noschema.yaml", b"zones: nose\n", 65),
            ("map.yaml", b"schema: cit/answers/1\nzones: {a: {b: c}}\n", 65),
            ("zero.yaml", b"schema: cit/answers/1\nzones: nose\0\n", 65),
            ("twice.yaml", b"schema: cit/answers/1\nzones: nose\nzones: chin\n", 65),
            ("latin.yaml", b"schema: cit/answers/1\nzones: nos\xe9\n", 65),
        ):
            for command in (["case", "new"], ["home"]):
                with self.subTest(name=name, command=command):
                    run = cit(*command, "--answers", self.file(name, content))
                    self.fails(run, status, name)
        for command in (["case", "new"], ["home"]):
            self.fails(cit(*command, "--answers", self.at), 66, "directory")
            self.fails(cit(*command, "--answers", self.at / "none.yaml"), 66, "No such file")

    def test_a_truncated_file_never_says_more_than_it_holds(self):
        """Cut anywhere, it is refused, or read as answers of which some are missing; never as a yes."""
        whole = answers_text(CALM_HOME)
        for cut in range(0, len(whole) - 1, 7):
            run = cit("home", "--answers", self.file("a.yaml", whole[:cut]), "--date", DAY)
            self.assertIn(run.returncode, (65, 3), (whole[:cut], run.stdout, run.stderr))
        whole = answers_text(CALM)
        for cut in range(0, len(whole), 37):
            self.assertIn(self.new(whole[:cut]).returncode, (0, 65))

    def test_a_very_long_answer(self):
        long = self.new(answers_text(CALM | {"medicines": "a" * 9000}))
        if long.returncode == 65:  # refused where it stands
            self.fails(long, 65, "a.yaml:12:12: medicines: ")
            return
        self.assertEqual(long.returncode, 0, long.stderr)
        self.file("case.yaml", long.stdout)
        self.assertEqual(cit("case", "check", self.at / "case.yaml").returncode, 0)

    def test_numbers_and_units(self):
        for key, value, *words in (
            ("age", "nan", "not a number"),
            ("age", "NaN years", "not a number"),
            ("age", ".nan", "not a number"),
            ("age", "28 mm", "unit"),
            ("age", "-1 years", "out of range"),
            ("age", "1e9 years", "out of range"),
            ("weight", "61 years", "unit"),
            ("weight", "inf kg", "not a number"),
            ("grade", "3 kg", "unit"),
            ("isotretinoin", "5 kg ago", "not a time"),
        ):
            with self.subTest(value=value):
                self.fails(self.new(answers_text(CALM | {key: value})), 65, f": {key}: ", *words)
        months = self.new(answers_text(CALM | {"age": "360 months"}))
        self.assertIn("age: 30 years", months.stdout)


# ---- the seven people -----------------------------------------------------------------------------


class People(Suite):
    # Verdicts at home, by an aesthetician, by a physician; then rules that must be among the reasons.
    VERDICTS = {
        "chickenpox-33": ("cleared", "cleared", "cleared", ["cause-not-acne"]),
        "deep-scars-28": ("cleared", "cleared", "cleared", ["ice-pick-scars"]),
        "ice-picks-27": ("cleared", "cleared", "cleared", ["ice-pick-scars"]),
        "isotretinoin-26": ("refused", "refused", "refused", ["isotretinoin-now"]),
        "mild-scars-20": ("refused", "refused", "ask first", ["under-22"]),
        "raised-scars-35": ("refused", "refused", "refused", ["keloid-tendency"]),
        "recent-laser-25": ("refused", "refused", "ask first", ["recent-laser", "sensitive-skin"]),
        "severe-scars-30": ("refused", "ask first", "ask first", ["expectation-complete-removal"]),
        "skin-type-six-31": ("refused", "ask first", "cleared",
                             ["skin-type-four-to-six", "dark-marks-tendency"]),
    }
    STATUS = {"cleared": 0, "ask first": 3, "refused": 2}

    def person(self, name):
        run = cit("case", "new", self.at / f"{name}.yaml", "--answers", PEOPLE / f"{name}.yaml",
                  "--date", DAY, "--all", "--force")
        self.assertEqual(run.returncode, 0, run.stderr)
        return self.at / f"{name}.yaml"

    def test_there_are_nine(self):
        self.assertEqual({p.stem for p in PEOPLE.glob("*.yaml")}, set(self.VERDICTS))

    def test_verdicts_for_each_kind_of_user(self):
        for name, (home, aesthetician, physician, rules) in self.VERDICTS.items():
            with self.subTest(person=name):
                case = self.person(name)
                seen = self.screened(case)
                by_user = {"home": home, "aesthetician": aesthetician, "physician": physician}
                self.assertEqual(seen["all_zones"], by_user)
                self.assertEqual(seen["verdict"], by_user[seen["who"]])
                self.assertEqual(cit("screen", case, "--date", DAY).returncode,
                                 self.STATUS[seen["verdict"]])
                holding = {f["rule"] for f in seen["findings"]
                           if any(u["holds"] == "yes" for u in f["users"].values())}
                self.assertLessEqual(set(rules), holding)

    def test_the_questions_stop_for_those_refused(self):
        for name, verdicts in self.VERDICTS.items():
            who = {"isotretinoin-26": 2, "mild-scars-20": 0, "raised-scars-35": 1}.get(name, 2)
            run = cit("case", "new", "--answers", PEOPLE / f"{name}.yaml", "--date", DAY)
            self.assertEqual(run.returncode, 2 if verdicts[who] == "refused" else 0, name)

    def test_the_laser_wait_ends_by_itself(self):
        case = self.person("recent-laser-25")
        self.assertEqual(self.screened(case, day="2027-01-30")["all_zones"]["aesthetician"], "refused")
        self.assertNotEqual(self.screened(case, day="2027-01-31")["all_zones"]["aesthetician"], "refused")
        self.assertIn("not before 2027-01-31", cit("screen", case, "--brief", "--date", DAY).stdout)

    def test_with_their_protocols(self):
        for name, status, rules in (
            ("deep-scars-28", 0, ["numbing-occluded", "numbing-strong"]),
            ("mild-scars-20", 2, ["home-interval", "home-length", "home-numbing", "needles-reused-home",
                                  "vitamin-c-on-channels"]),
            ("raised-scars-35", 2, ["prp-aesthetician", "keloid-tendency"]),
        ):
            with self.subTest(person=name):
                protocol = PEOPLE / f"protocols/{name}.yaml"
                run = cit("screen", self.person(name), "-p", protocol, "--json")
                self.assertEqual(run.returncode, status, run.stderr)
                seen = json.loads(run.stdout)
                self.assertEqual(seen["day"], "2026-12-07")  # of the first planned visit
                self.assertEqual(seen["rules_waiting_for_a_protocol"], 0)
                self.assertLessEqual(set(rules), {f["rule"] for f in seen["findings"]})
                told = cit("simulate", self.person(name), "-p", protocol, *DRAWS)
                self.assertEqual(told.returncode, status, told.stderr)


# ---- cit screen -----------------------------------------------------------------------------------

HAND_WRITTEN = """# A case with comments,   odd   spacing and no end of line
schema: cit/case/1
name: by hand     # a label
done_by: physician
sex: female
age: 30 years


health:   {pregnant: no, isotretinoin: yes}   # taking it
zones:
  - site: cheek   # the left one
    side: left
# what comes last"""


class Screen(Suite):
    protocol = PEOPLE / "protocols/deep-scars-28.yaml"

    def fits_schema(self, document):
        schema = json.loads((ROOT / "docs/screening.schema.json").read_text())
        self.assertEqual(faults_of(document, schema), [])

    def test_exit_status(self):
        for answers, status in ((CALM, 0), (CALM | {"expectation": "complete removal"}, 3),
                                (CALM | {"age": "?"}, 3), (CALM | {"expecting": "a"}, 2)):
            case = self.case_of(answers)
            for form in ([], ["--json"], ["--brief"], ["--patient"], ["-p", self.protocol]):
                run = cit("screen", case, "--date", DAY, *form)
                self.assertEqual(run.returncode, status, run.stderr)
                self.assertEqual(run.stderr, "")

    def test_json_fits_its_schema(self):
        cases = [CALM, {"zones": "nose, cheeks"}, CALM | {"earlier": "laser 3 weeks ago", "zones": "eyelid left"}]
        for answers, args in itertools.product(cases, ([], ["-p", self.protocol])):
            self.fits_schema(self.screened(self.case_of(answers), *args))
        for name in ("malik-2024", "severe-scars"):
            at = ROOT / "examples" / name
            self.fits_schema(self.screened(at / "case.yaml", "-p", at / "protocol.yaml"))

    def test_the_page_gives_every_reason_its_rule_and_source(self):
        case = self.case_of(CALM | {"expecting": "a", "skin_now": "a", "earlier": "laser 3 weeks ago"})
        page = cit("screen", case, "--date", DAY).stdout
        self.good_words(page)
        text = unwrapped(page)
        rules = catalogue("rules")
        for rule in ("pregnant", "inflamed-acne", "recent-laser"):
            self.assertIn(rules[rule]["clinician"], text)
            self.assertIn(f"[{rule}]", text)
            self.assertIn(unwrapped(rules[rule]["source"]).split(",")[0], text)
        self.assertIn("Until the pregnancy is over.", text)
        self.assertIn("rules look at device, needles, creams and products", text)
        self.assertIn("REFUSED", page)

    def test_patient_words(self):
        case = self.case_of(CALM | {"expecting": "a"})
        rule = catalogue("rules")["pregnant"]
        text = unwrapped(cit("screen", case, "--date", DAY, "--patient").stdout)
        self.assertIn(rule["patient"], text)
        self.assertNotIn(rule["clinician"], text)

    def test_questions_that_are_open(self):
        case = self.case_of({"zones": "nose", "done_by": "physician"})
        text = unwrapped(cit("screen", case, "--date", DAY).stdout)
        for fact in ("pregnant", "keloid_tendency", "infection", "weight", "expectation"):
            if fact != "weight":
                self.assertIn(EN["fact"][fact]["ask"], text)
        self.assertIn(EN["screen"]["could_refuse"], text)
        self.good_words(text)

    def test_brief(self):
        run = cit("screen", self.case_of(CALM | {"expecting": "a"}), "--brief", "--date", DAY)
        lines = run.stdout.splitlines()
        self.assertEqual(len(lines), 4)
        for line in lines[1:]:
            self.assertIn("REFUSED: pregnant now", line)
        run = cit("screen", self.case_of(CALM), "--brief", "-p", self.protocol)
        self.assertEqual(len(run.stdout.splitlines()), 2)  # the protocol says who

    def test_pdf(self):
        case, out = self.case_of(CALM | {"expecting": "a"}), self.at / "page.pdf"
        first = cit("screen", case, "--date", DAY, "-o", out)
        self.assertEqual(first.returncode, 2, first.stderr)
        text = unwrapped(pdf_text(out))
        for words in ("May this person be needled?", "REFUSED", "[pregnant]"):
            self.assertIn(words, text)
        before = out.read_bytes()
        again = cit("screen", case, "--date", DAY, "-o", out)
        self.assertEqual(again.returncode, 74)
        self.assertIn("--force", again.stderr)
        self.assertEqual(out.read_bytes(), before)
        self.assertEqual(cit("screen", case, "--date", DAY, "-o", out, "--force").returncode, 2)
        self.assertEqual(out.read_bytes(), before)  # the same bytes for the same page
        for form in ("--json", "--brief"):
            self.fails(cit("screen", case, form, "-o", out), 64, "one of")

    def test_bad_files(self):
        case = self.case_of(CALM)
        self.fails(cit("screen", self.at / "none.yaml"), 66, "No such file")
        self.fails(cit("screen", case, "-p", self.at / "none.yaml"), 66, "No such file")
        self.fails(cit("screen", case, "-p", case), 65, "cit/protocol/1")
        both = cit("screen", self.file("x.yaml", "schema: cit/case/1\nsx: 1\nzones: [{site: nose}]\n"),
                   "-p", self.file("y.yaml", "schema: cit/protocol/1\nwhoo: 1\n"))
        self.fails(both, 65, "x.yaml:2:1", "y.yaml:2:1")
        self.fails(cit("screen", case, "--catalogue", self.at), 66)
        with open("/dev/full", "w") as full:
            for form in ([], ["--json"], ["--brief"]):
                run = cit("screen", case, *form, stdout=full)
                self.assertEqual(run.returncode, 74)
                self.assertIn("No space left", run.stderr)
        run = cit("screen", case, "-o", "/dev/full", "--force")
        self.assertEqual(run.returncode, 74)


class Overrides(Suite):
    protocol = PEOPLE / "protocols/deep-scars-28.yaml"
    by = ["--by", "Dr A. B.", "--reason", 'dose "low", seen twice: go']

    def override(self, case, rule, *args, **more):
        return cit("screen", case, "--date", DAY, "--override", rule, *(args or self.by), **more)

    def is_added_to(self, before, after):
        """One block went in; every byte that was there is there still."""
        start = len(os.path.commonprefix([before, after]))
        end = len(before) - start
        self.assertEqual(after[len(after) - end:] if end else b"", before[start:])
        return after[start: len(after) - end]

    def test_it_is_written_with_the_time_and_keeps_every_byte(self):
        case = self.file("hand.yaml", HAND_WRITTEN)
        before = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
        run = self.override(case, "isotretinoin-now")
        self.assertIn(run.returncode, (0, 3), run.stderr)
        added = self.is_added_to(HAND_WRITTEN.encode(), case.read_bytes()).decode()
        self.assertIn('rule: isotretinoin-now', added)
        self.assertIn('dose \\"low\\", seen twice: go', added)
        at = re.search(r'at: "?(\d{4}-\d\d-\d\d \d\d:\d\d) UTC', added)
        written = datetime.datetime.strptime(at[1] + "+0000", "%Y-%m-%d %H:%M%z")
        self.assertLessEqual(before, written)
        self.assertLess(written - before, datetime.timedelta(minutes=5))
        second = case.read_bytes()
        run = self.override(case, "unlisted-medicine", "--by", "Dr C", "--reason", "none taken")
        self.assertIn(run.returncode, (0, 3), run.stderr)
        self.is_added_to(second, case.read_bytes())
        self.assertEqual(cit("case", "check", case).returncode, 0)
        seen = self.screened(case)
        self.assertEqual([o["rule"] for o in seen["overrides"]], ["isotretinoin-now", "unlisted-medicine"])
        self.assertEqual(seen["overrides"][0]["reason"], self.by[3])

    def test_a_case_of_the_questions_takes_one(self):
        case = self.case_of(CALM | {"isotretinoin": "now"})
        before = case.read_bytes()
        self.assertEqual(cit("screen", case, "--date", DAY).returncode, 2)
        self.assertEqual(self.override(case, "isotretinoin-now").returncode, 3)
        self.is_added_to(before, case.read_bytes())
        # When the last capsule was is not known either; a rule that asks first may be signed too.
        self.assertEqual(self.override(case, "isotretinoin-recent").returncode, 0)
        seen = self.screened(case)
        # The physician's word counts for the physician alone, and the finding stays.
        self.assertEqual(seen["all_zones"],
                         {"home": "refused", "aesthetician": "refused", "physician": "cleared"})
        users = [f["users"] for f in seen["findings"] if f["rule"] == "isotretinoin-now"][0]
        self.assertEqual([users[u]["overridden"] for u in ("home", "physician")], [False, True])

    def test_it_stands_on_everything_that_follows(self):
        case = self.case_of(CALM | {"isotretinoin": "now"})
        course = [case, "-p", self.protocol]
        self.assertEqual(cit("simulate", *course, *DRAWS).returncode, 2)
        sheet = ["visit", "sheet", *course, "-o", self.at / "sheet.pdf"]
        self.assertEqual(cit(*sheet).returncode, 2)
        self.assertFalse((self.at / "sheet.pdf").exists())
        self.assertEqual(self.override(case, "isotretinoin-recent").returncode, 2)
        self.assertEqual(self.override(case, "isotretinoin-now").returncode, 0)
        said = "OVERRIDDEN: isotretinoin-now, by Dr A. B., "
        reason = ': dose "low", seen twice: go'
        for args in (["screen", case], ["screen", case, "--brief"], ["simulate", *course, *DRAWS],
                     ["simulate", *course, *DRAWS, "--brief"]):
            run = cit(*args)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn(said, unwrapped(run.stdout), args)
            self.assertIn(reason, unwrapped(run.stdout), args)
        run = cit("simulate", *course, *DRAWS, "--json")
        signed = json.loads(run.stdout)["screening"]["overrides"]
        self.assertEqual([o["rule"] for o in signed], ["isotretinoin-recent", "isotretinoin-now"])
        self.assertEqual(cit(*sheet).returncode, 0)
        self.assertIn(said, unwrapped(pdf_text(self.at / "sheet.pdf")))

    def test_mode_and_link_are_kept(self):
        real = self.case_of(CALM | {"isotretinoin": "now"}, name="real.yaml")
        real.chmod(0o640)
        link = self.at / "link.yaml"
        link.symlink_to("real.yaml")
        self.assertEqual(self.override(link, "isotretinoin-now").returncode, 3)
        self.assertTrue(link.is_symlink())
        self.assertEqual(os.readlink(link), "real.yaml")
        self.assertEqual(real.stat().st_mode & 0o777, 0o640)
        self.assertIn("isotretinoin-now", real.read_text())
        self.assertEqual(sorted(p.name for p in self.at.iterdir()),
                         ["answers.yaml", "link.yaml", "real.yaml"])

    def refused(self, case, status, rule, *words, args=()):
        before = case.read_bytes()
        self.fails(self.override(case, rule, *args), status, *words)
        self.assertEqual(case.read_bytes(), before)

    def test_what_cannot_be_overridden(self):
        case = self.case_of(CALM | {"expecting": "a", "skin_now": "b", "isotretinoin": "?"})
        for rule in ("pregnant", "infection"):
            self.refused(case, 2, rule, "nobody may go on in spite of this rule")
        self.refused(case, 65, "isotretinoin-now", "must be answered, not overridden")
        self.refused(case, 65, "recent-laser", "nothing to override")
        self.refused(case, 66, "isotretinoin-noww", "did you mean 'isotretinoin-now'")
        self.refused(case, 66, "zzzzzzzz", "no such rule")
        for args in (["--by", "Dr A", "--reason", ""], ["--by", "Dr A", "--reason", "  "],
                     ["--by", "Dr A"], ["--reason", "x"], ["--by", "", "--reason", "x"]):
            self.refused(case, 64, "isotretinoin-now", "--by NAME and --reason TEXT", args=args)
        self.fails(cit("screen", case, "--by", "Dr A", "--reason", "x"), 64, "go with --override")

    def test_every_rule_of_nobody_is_refused(self):
        case = self.case_of(CALM)
        for rule, entry in catalogue("rules").items():
            if entry["override"] == "nobody":
                self.refused(case, 2, rule, "nobody may go on")

    def test_an_entry_that_counts_for_nothing(self):
        case = self.case_of(CALM | {"expecting": "a"})
        with case.open("a") as file:
            file.write("overrides:\n  - {rule: pregnant, by: Dr A, reason: x, at: 2026-11-21 10:00 UTC}\n")
        run = cit("screen", case, "--date", DAY)
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn(EN["screen"]["override_void"], unwrapped(run.stdout))

    def test_a_case_written_as_json(self):
        case = self.file("case.json", json.dumps({
            "schema": "cit/case/1", "done_by": "physician", "health": {"isotretinoin": "yes"},
            "zones": [{"site": "cheek", "side": "left"}]}))
        self.assertIn(cit("screen", case).returncode, (2, 3))
        self.refused(case, 65, "isotretinoin-now", "JSON")

    def test_nothing_is_half_written(self):
        case = self.case_of(CALM | {"isotretinoin": "now"})
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        before = case.read_bytes()
        run = self.override(case, "isotretinoin-now", preexec_fn=limit, restore_signals=False)
        self.fails(run, 74, "case.yaml")
        self.assertEqual(case.read_bytes(), before)
        self.assertEqual(sorted(p.name for p in self.at.iterdir()), ["answers.yaml", "case.yaml"])

    def test_a_folder_that_may_not_be_written(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        case = self.case_of(CALM | {"isotretinoin": "now"})
        self.at.chmod(0o500)
        try:
            self.refused(case, 74, "isotretinoin-now", "Permission denied")
        finally:
            self.at.chmod(0o700)


# ---- cit home -------------------------------------------------------------------------------------

HOME_BAD = (
    ("needled", "yes", "when was it?"),
    ("needled", "?", "when was it?"),
    ("needled", "2031-01-01", "lies ahead"),
    ("needled", "often", "not a time"),
    ("age", "young", "not a number"),
    ("age", "300", "out of range"),
    ("zones", "nowhere at all", "no place we know"),
    ("skin_now", "h", "a inflamed_acne"),
    ("health", "m", "a pregnant"),
    ("health", "pregnant x", "'x'"),
    ("medicines", "", "an answer is needed"),
    ("earlier", "tattoo 3 weeks ago", "needling"),
    ("skin_type", "0", "a I, b II"),
)

# One danger each: the answer, the exit status, a rule that the page must name ("": none).
HOME_DANGERS = [
    ({}, 0, ""),
    *(({"skin_now": answer}, 2, rule) for answer, rule in (
        ("inflamed_acne", "inflamed-acne"), ("infection", "infection"), ("open_wound", "open-wound"),
        ("sunburn", "sunburn"), ("tan", "tan"), ("inflamed_skin", "inflamed-skin"),
        ("growth", "skin-cancer"))),
    *(({"health": answer}, 2, rule) for answer, rule in (
        ("pregnant", "pregnant"), ("blood", "bleeding-disorder"), ("defence", "immunosuppressed"),
        ("diabetes", "diabetes"), ("heart_disease", "heart-disease"),
        ("keloid_tendency", "keloid-tendency"), ("skin_illness", "eczema-history"),
        ("cold_sores", "cold-sores-prone"), ("allergy", "metal-allergy"),
        ("marks", "dark-marks-tendency"), ("concern", "dysmorphic-concern"))),
    ({"health": "complete"}, 3, "expectation-complete-removal"),
    *(({"zones": place}, 2, rule) for place, rule in (
        ("belly", "body-home"), ("chest", "hands-and-chest-home"), ("eyelid", "orbital-rim"),
        ("lower arm", "body-home"), ("back of the hand", "hands-and-chest-home"),
        ("below the eye", "near-eyes-home"), ("lips", "lips"), ("lower back", "body-home"),
        ("neck", "neck-home"), ("around the mouth", "near-mouth-home"), ("shoulder", "body-home"),
        ("under the jaw", "neck-home"), ("thigh", "body-home"), ("upper arm", "body-home"),
        ("upper back", "body-home"), ("cheeks, neck", "neck-home"))),
    *(({"zones": place}, 0, "") for place in ("forehead", "chin", "nose", "jaw", "temples", "cheekbone")),
    *(({"medicines": name}, 2, rule) for name, rule in (
        ("isotretinoin", "isotretinoin-now"), ("Roaccutane", "isotretinoin-now"),
        ("aspirin", "anticoagulant"), ("warfarin", "anticoagulant"),
        ("paracetamol, apixaban", "anticoagulant"), ("prednisolone", "steroid-tablets"),
        ("methotrexate", "immunosuppressed"))),
    ({"medicines": "qqzzx"}, 3, "unlisted-medicine"),
    ({"medicines": "paracetamol"}, 0, ""),
    *(({"earlier": f"{what} 1 week ago"}, 2, rule) for what, rule in (
        ("needling", "recent-needling"), ("radiofrequency needling", "recent-radiofrequency"),
        ("laser", "recent-laser"), ("peel", "recent-peel"), ("subcision", "recent-subcision"),
        ("filler", "recent-filler"), ("dermabrasion", "recent-dermabrasion"),
        ("TCA CROSS", "recent-peel"), ("punch", "recent-surgery"), ("surgery", "recent-surgery"),
        ("botulinum toxin", "recent-toxin"))),
    ({"earlier": "laser 2 years ago"}, 0, ""),
    ({"earlier": "laser"}, 3, ""),
    ({"earlier": "other 1 week ago"}, 2, "recent-other-treatment"),
    *(({"age": age}, status, rule) for age, status, rule in (
        ("5", 2, "minor"), ("17", 2, "minor"), ("18", 2, "under-22"), ("21", 2, "under-22"),
        ("22", 0, ""), ("90", 0, ""), ("?", 3, ""))),
    *(({"skin_type": kind}, status, rule) for kind, status, rule in (
        ("I", 0, ""), ("III", 0, ""), ("IV", 2, "skin-type-four-to-six"),
        ("V", 2, "skin-type-four-to-six"), ("VI", 2, "skin-type-four-to-six"), ("?", 3, ""))),
    *(({question: "?"}, 3, "") for question in ("skin_now", "health", "medicines", "earlier")),
    *(({"needled": when}, status, rule) for when, status, rule in (
        ("today", 2, "recent-needling"), ("1 day ago", 2, "recent-needling"),
        ("3 days ago", 2, "recent-needling"), ("7 days ago", 2, "recent-needling"),
        ("30 days ago", 0, ""), ("100 days ago", 0, ""))),
]

HEADINGS = re.compile("|".join(
    "^" + re.sub(r"\\\{\w+\\\}", ".*", re.escape(EN["home_page"][key])) + "$"
    for key in ("title", "subtitle", "needled", "why", "why_yes", "next", "limits", "clean", "instead",
                "booking", "flags_ahead", "urgency_home", "urgency_days", "urgency_same_day",
                "urgency_emergency")))


def sentences(page):
    """The words of a page for home as sentences: no headings, brackets, boxes and commands."""
    blocks = []
    for line in page[: page.index(EN["home_page"]["foot"][:24])].splitlines():  # the foot is about sources
        if not line.strip() or line.startswith("+--"):
            blocks.append("")
        elif HEADINGS.match(line.strip()):
            blocks.append("")
            blocks.append("")
        elif re.match(r" +(-|!|\?|\[ \]) ", line) or line.startswith("|"):
            blocks.append(re.sub(r"^ *(-|!|\?|\[ \]|\|) +", "", line).rstrip("| "))
        elif blocks and blocks[-1]:
            blocks[-1] += " " + line.strip()
        else:
            blocks.append(line.strip())
    text = []
    for block in blocks:
        block = re.sub(r" ?\[[^]]*\]|`[^`]*`", "", block).strip()
        if block:
            text.append(block if block[-1] in ".?!" else block + ".")
    return "\n".join(text)


class Home(Suite):
    def home(self, answers, *args, day=DAY):
        self.file("a.yaml", answers_text(CALM_HOME | answers))
        return cit("home", "--answers", self.at / "a.yaml", "--date", day, *args)

    def test_at_the_terminal(self):
        talk = Talk(["home", "--date", DAY], CALM_HOME.values())
        self.assertEqual(talk.status, 0, talk.text)
        self.assertEqual(len(talk.shown), len(CALM_HOME) + 1)
        for number, (question, shown) in enumerate(zip(CALM_HOME, talk.shown), 1):
            texts = EN["home"][question]
            self.assertIn(f"Question {number} of 8: {texts['ask']}\n", shown)
            options = [v for k, v in texts.items() if k not in ("ask", "help")]
            for letter, words in zip("abcdefghijklmn", options):
                self.assertIn(f"   {letter}  {words}\n", shown)
        self.assertEqual(talk.out.strip("\n"), self.home({}).stdout.strip("\n"))

    def test_bad_answers_are_asked_again(self):
        typed, expected = [], []
        for question, good in CALM_HOME.items():
            for where, bad, reason in HOME_BAD:
                if where == question:
                    typed.append(bad)
                    expected.append(reason)
            typed.append(good)
            expected.append("")
        talk = Talk(["home", "--date", DAY], typed)
        self.assertEqual(talk.status, 0, talk.text)
        for reason, shown in zip(expected, talk.shown[1:]):
            self.assertIn(reason, shown)
            self.assertEqual("Question" in shown, not reason and shown != talk.end)

    def test_nobody_is_told_yes_who_does_not_know(self):
        answers = {q: "?" for q in CALM_HOME} | {"needled": "never", "zones": "nose"}
        talk = Talk(["home", "--date", DAY], answers.values())
        self.assertEqual(talk.status, 3, talk.text)
        self.assertIn(EN["home_page"]["ask"], talk.out)
        self.assertNotIn(EN["home_page"]["limits"], talk.out)

    def test_all_questions_are_asked_in_spite_of_a_no(self):
        talk = Talk(["home", "--date", DAY], (CALM_HOME | {"age": "15"}).values())
        self.assertEqual((talk.status, len(talk.shown)), (2, len(CALM_HOME) + 1))

    def test_the_end_and_control_c_leave_nothing(self):
        out = self.at / "page.pdf"
        for given in range(len(CALM_HOME)):
            talk = Talk(["home", "-o", out], [*list(CALM_HOME.values())[:given], END])
            self.assertEqual(talk.status, 130, talk.text)
            self.assertIn("nothing was written", talk.text)
            self.assertEqual((talk.out, list(self.at.iterdir())), ("", []))
        talk = Talk(["home", "-o", out], ["never", STOP])
        self.assertIn(talk.status, (130, -signal.SIGINT))
        self.assertEqual((talk.out, list(self.at.iterdir())), ("", []))

    def test_a_pdf_that_is_there_is_kept_and_nothing_is_asked(self):
        there = self.file("page.pdf", "mine")
        talk = Talk(["home", "-o", there], CALM_HOME.values())
        self.assertEqual(talk.status, 74, talk.text)
        self.assertIn("--force", talk.text)
        self.assertEqual(there.read_text(), "mine")
        self.assertNotIn("Question", talk.text)

    def is_right(self, run, answers, status, rules, day=DAY):
        """The page of one set of answers, on screen and on paper."""
        words = {0: "yes", 3: "ask", 2: "no"}
        texts = EN["home_page"]
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        self.assertEqual(run.stderr, "")
        self.good_words(run.stdout)
        text = unwrapped(run.stdout)
        for key in ("yes", "ask", "no"):
            self.assertEqual(texts[key] in text, key == words[status], key)
        self.assertEqual(texts["limits"] in text, status == 0)
        self.assertEqual("No study shows that needling at home lifts acne scars" in text, status == 0)
        for rule in rules:
            self.assertTrue(f"[{rule}]" in text or "more reasons" in text, rule)
        self.assertIn(texts["booking_1"], text)
        self.assertIn(f"Your answer of {day}", text)
        self.assertEqual("You have already needled" in text, answers.get("needled", "never") != "never")
        # The page never asks for a day that lies behind, nor says yes and no at once.
        for shown in re.findall(r"(?:not before|Not before|the next time is) (\d{4}-\d\d-\d\d)", text):
            self.assertGreaterEqual(shown, day, text)
        if status == 0:
            self.assertNotRegex(text, r"Do not needle again now")
        self.assertLessEqual(kincaid(sentences(run.stdout)), 7.0, sentences(run.stdout))

    def paper(self, name):
        text = pdf_text(self.at / name)
        self.assertEqual(text.count("\f"), 1, "more than one page")
        self.assertIn("1/1", text)
        return unwrapped(text)

    def test_every_single_danger(self):
        for number, (answers, status, rule) in enumerate(HOME_DANGERS):
            on_paper = number % 3 == 0 or "needled" in answers
            with self.subTest(answers=answers):
                run = self.home(answers, *(["-o", self.at / f"{number}.pdf"] if on_paper else []))
                self.is_right(run, answers, status, [rule] if rule else [])
                if not on_paper:
                    continue
                paper = self.paper(f"{number}.pdf")
                for key, shown in (("yes", status == 0), ("ask", status == 3), ("no", status == 2)):
                    self.assertEqual(EN["home_page"][key] in paper, shown)

    def test_dangers_together(self):
        """The worst of them decides, the page keeps to one sheet and stays easy."""
        draw = random.Random(7)
        for number in range(40):
            chosen = {}
            for answers, status, rule in draw.sample(HOME_DANGERS, draw.choice((2, 3, 5, 9))):
                for question, answer in answers.items():
                    chosen.setdefault(question, (answer, status, rule))
            answers = {q: a for q, (a, _, _) in chosen.items()}
            statuses = [s for _, s, _ in chosen.values()] or [0]
            status = 2 if 2 in statuses else max(statuses)
            rules = [r for _, s, r in chosen.values() if r]
            with self.subTest(answers=answers):
                run = self.home(answers, "-o", self.at / f"{number}.pdf")
                self.is_right(run, answers, status, rules)
                self.paper(f"{number}.pdf")

    def test_everything_at_once_is_one_page(self):
        letters = lambda q: " ".join("abcdefghijkl"[: len(EN["home"][q]) - 2])
        answers = {"age": "15", "zones": "lips, eyelids, chest, neck, cheeks, around the mouth",
                   "skin_now": letters("skin_now"), "health": letters("health"), "skin_type": "VI",
                   "medicines": "isotretinoin, warfarin, prednisolone, methotrexate, qqzzx",
                   "earlier": ", ".join(f"{t} 1 week ago" for t in ("laser", "peel", "filler", "surgery"))}
        for needled in ("never", "today", "1 day ago", "3 days ago", "30 days ago"):
            run = self.home(answers | {"needled": needled}, "-o", self.at / "p.pdf", "--force")
            self.is_right(run, {"needled": needled}, 2, [])
            self.assertIn("more reasons", run.stdout)
            self.paper("p.pdf")

    def test_one_more_reason_is_not_many(self):
        seen = set()
        for more in range(1, 12):
            answers = {"health": " ".join("abcdefghijkl"[:more]), "skin_type": "VI", "age": "15"}
            text = unwrapped(self.home(answers).stdout)
            seen |= set(re.findall(r"There (?:is|are) [\w ]*reasons?\.", text))
        self.assertNotIn("There are 1 more reasons.", seen)
        self.assertTrue(seen)

    def test_signs_by_day(self):
        flags = catalogue("flags")
        for days in (0, 1, 3, 7, 30, 100):
            run = self.home({"needled": f"{days} days ago" if days else "today"}, day="2028-03-02")
            text = unwrapped(run.stdout)
            self.assertIn(after("2028-03-02", -days), text)
            for name, flag in flags.items():
                first, last = (int(flag[k].split()[0]) for k in ("from", "to"))
                if last < days:
                    self.assertNotIn(flag["patient"], text, f"{name} is over on day {days}")
                elif first <= days:
                    self.assertIn(flag["patient"], text, f"{name} on day {days}")
        never = unwrapped(self.home({}).stdout)
        for name, flag in flags.items():
            self.assertEqual(flag["title"] in never, flag["urgency"] in ("same day", "emergency"), name)

    def test_dates_across_leap_days(self):
        for day in ("2028-02-01", "2028-02-02", "2027-02-01", "2028-01-31", "2028-02-29", "2027-12-31",
                    "2100-02-01"):
            text = unwrapped(self.home({}, day=day).stdout)
            self.assertIn(f"the next time is {after(day, 28)} at the soonest: 28 days later", text)
            for ago in (0, 3, 27):
                run = self.home({"needled": f"{ago} days ago"}, day=day)
                self.assertEqual(run.returncode, 2)
                self.assertIn(f"Not before {after(day, 28 - ago)}.", unwrapped(run.stdout))
            self.assertEqual(self.home({"needled": "28 days ago"}, day=day).returncode, 0)
        month = 365.25 / 12
        for what, months, last in (("laser", 3, "2027-12-01"), ("laser", 3, "2028-01-31"),
                                   ("filler", 6, "2027-08-31"), ("dermabrasion", 3, "2027-12-31")):
            with self.subTest(what=what, last=last):
                earliest = after(last, math.ceil(months * month))
                text = unwrapped(self.home({"earlier": f"{what} {last}"}, day="2028-02-01").stdout)
                self.assertIn(f"Not before {earliest}.", text)
                eve = self.home({"earlier": f"{what} {last}"}, day=after(earliest, -1))
                self.assertEqual(eve.returncode, 2)
                self.assertEqual(self.home({"earlier": f"{what} {last}"}, day=earliest).returncode, 0)

    def test_the_later_of_two_dates_counts(self):
        run = self.home({"needled": "3 days ago", "earlier": "peel 2028-01-20"}, day="2028-02-01")
        self.assertIn(f"Not before {after('2028-02-01', 25)}.", unwrapped(run.stdout))

    def test_dates_that_are_none(self):
        for day in ("2027-02-29", "2028-02-30", "2100-02-29", "2028-2-1", "0000-00-00", ""):
            self.fails(cit("home", "--date", day, "--answers", "/dev/null"), 64, "is not a date")
        self.assertEqual(self.home({}, day="2028-02-29").returncode, 0)

    def test_examples(self):
        for name, status in (("mild-scars-20", 2), ("needled-yesterday", 2)):
            run = cit("home", "--answers", PEOPLE / f"home/{name}.yaml", "--date", DAY)
            self.assertEqual(run.returncode, status, run.stderr)

    def test_a_full_disk(self):
        self.file("a.yaml", answers_text(CALM_HOME))
        with open("/dev/full", "w") as full:
            run = cit("home", "--answers", self.at / "a.yaml", stdout=full)
            self.assertEqual(run.returncode, 74)
            self.assertIn("No space left", run.stderr)
        self.assertEqual(self.home({}, "-o", "/dev/full", "--force").returncode, 74)
        self.assertEqual(self.home({}, "-o", self.at / "no/folder.pdf").returncode, 74)


# ---- cit visit ------------------------------------------------------------------------------------

VISIT_PROMPT = rb": $"
COURSE = """schema: cit/protocol/1
who: physician
cream: yes
numbing: {product: lidocaine-prilocaine, grams: 20, area: 80 cm2, minutes: 60, occluded: yes}
products: [nothing]
needles: new sterile
needles_shared: no
settings:
  - {device: skinpen-precision, length: 1.5 mm, passes: 4, speed: 20 mm/s, rate: 100 Hz}
visits:
  - {status: planned, date: 2024-02-05, count: 3, every: 4 weeks}
"""


class Visit(Suite):
    def setUp(self):
        super().setUp()
        self.case = self.case_of(CALM | {"zones": "cheek left, temple both"}, day="2024-01-31")
        self.course = self.file("course.yaml", COURSE)

    def sheet(self, *args, case=None, course=None):
        return cit("visit", "sheet", case or self.case, "-p", course or self.course, *args)

    # -- sheet

    def test_the_sheet_holds_everything(self):
        run = self.sheet("-o", self.at / "s.pdf")
        self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)
        page = pdf_text(self.at / "s.pdf")
        self.assertEqual(page.count("\f"), 1)
        text = unwrapped(page)
        self.good_words(text)
        for words in ("cheek, left", "temple, both", "SkinPen Precision", "1.5 mm", "4 in all, in 4 directions",
                      "planned visit 1, 2024-02-05", "Screening: cleared (physician)"):
            self.assertIn(words, text)
        for step in catalogue("steps").values():
            self.assertIn(step["title"], text)
            self.assertIn(step["clinician"], text)
        labels = page[page.index(EN["visit"]["done"]):]
        for key in ("date", "operator", "start", "end", "serial", "lot", "expiry", "cream", "strength",
                    "grams", "on", "off", "stepped", "passes", "pain", "skipped", "products",
                    "complications", "redness", "pinpoint", "confluent"):
            self.assertIn(EN["visit"][key].split(",")[0], labels, key)
        for key in ("stepped", "pain", "skipped", "redness", "pinpoint", "confluent"):
            label = EN["visit"][key].split(",")[0] if key == "skipped" else EN["visit"][key]
            self.assertEqual(labels.count(label), 2, f"{key}: once a zone")

    def test_minutes_follow_from_area_passes_width_and_speed(self):
        self.sheet("-o", self.at / "s.pdf")
        device = cit("catalogue", "devices", "skinpen-precision").stdout
        width = float(re.search(r"tip width +([\d.]+) mm", device)[1])
        total = 0.0
        for site, sides in (("cheek", 1), ("temple", 2)):
            shown = cit("catalogue", "sites", site).stdout
            area = 100 * float(re.search(r"area of one side +([\d.]+) cm2", shown)[1])
            total += sides * area * 4 / (width * 20) / 60
        self.assertIn(f"Needling takes about {total:.2g} min", unwrapped(pdf_text(self.at / "s.pdf")))

    def test_number_and_date(self):
        for args, number, day in ((["--number", "2"], 2, "2024-03-04"), (["--number", "3"], 3, "2024-04-01"),
                                  (["--date", "2024-02-29"], 1, "2024-02-29")):
            run = self.sheet("-o", self.at / "s.pdf", "--force", *args)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertIn(f"planned visit {number}, {day}", unwrapped(pdf_text(self.at / "s.pdf")))
        self.fails(self.sheet("-o", self.at / "t.pdf", "--number", "4"), 65, "no such planned visit")
        self.assertFalse((self.at / "t.pdf").exists())
        undated = self.file("u.yaml", COURSE.replace("date: 2024-02-05, ", ""))
        run = self.sheet("-o", self.at / "u.pdf", course=undated)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("planned visit 1, no date yet", unwrapped(pdf_text(self.at / "u.pdf")))

    def test_what_is_not_set_is_said(self):
        bare = self.file("b.yaml", COURSE.replace(", length: 1.5 mm, passes: 4, speed: 20 mm/s", ""))
        run = self.sheet("-o", self.at / "b.pdf", course=bare)
        self.assertEqual(run.returncode, 3, run.stderr)
        text = unwrapped(pdf_text(self.at / "b.pdf"))
        self.assertIn("not set", text)
        self.assertIn("Minutes of needling cannot be checked", text)

    def test_many_zones(self):
        """With a physician's words above, even a whole face is one page, and no zone is left out."""
        face = ("forehead", "temples", "cheeks", "nose", "chin", "glabella", "zygomas", "perioral", "jaws",
                "infraorbital both", "preauricular both")
        for zones in (4, 5, 8, 11):
            case = self.case_of(CALM | {"isotretinoin": "now", "zones": ", ".join(face[:zones])})
            self.assertEqual(cit("screen", case, "--date", "2024-02-05", "--override", "isotretinoin-now", "--by", "Dr A. B.",
                                 "--reason", "a low dose; told of the risk, and wants to go on").returncode, 3)
            run = self.sheet("-o", self.at / "f.pdf", "--force", case=case)
            self.assertIn(run.returncode, (0, 3), run.stderr)
            page = pdf_text(self.at / "f.pdf")
            self.assertEqual(page.count("\f"), 1)
            self.assertIn("OVERRIDDEN: isotretinoin-now", page)
            planned, done = page.split(EN["visit"]["done"])
            for zone in face[:zones]:
                name = zone.split()[0].removesuffix("s") + (", both" if zone[-1] in "sh" else "")
                for part in (planned, done):
                    self.assertEqual(len(re.findall(rf"^ *{name}\b", part, re.M)), 1, name)
            for step in catalogue("steps").values():
                self.assertIn(step["title"], unwrapped(planned))

    def test_a_file_that_is_there(self):
        there = self.file("s.pdf", "mine")
        self.fails(self.sheet("-o", there), 74, "--force")
        self.assertEqual(there.read_text(), "mine")
        self.assertEqual(self.sheet("-o", there, "--force").returncode, 0)

    def test_no_sheet_for_somebody_refused(self):
        case = self.case_of(CALM | {"expecting": "a"}, name="refused.yaml")
        run = self.sheet("-o", self.at / "r.pdf", case=case)
        self.fails(run, 2, "refused, pregnant: ")
        self.assertFalse((self.at / "r.pdf").exists())

    def test_a_sheet_for_somebody_to_be_asked_says_so(self):
        case = self.case_of(CALM | {"expectation": "complete removal"}, name="ask.yaml")
        self.assertEqual(self.sheet("-o", self.at / "a.pdf", case=case).returncode, 3)
        self.assertRegex(unwrapped(pdf_text(self.at / "a.pdf")),
                         r"Screening: ASK FIRST \(physician\), one rule open")

    # -- add

    def add(self, *args, text=None, course=True):
        given = ["-p", self.course] if course else []
        if text is not None:
            args = ("--answers", self.file("visit.yaml", text), *args)
        return cit("visit", "add", self.case, *given, *args)

    def done(self, day="2024-02-05", zones="[{site: cheek, side: left}, {site: temple, side: both}]", more=""):
        return f"schema: cit/visit/1\ndate: {day}\n{more}zones: {zones}\n"

    def test_added_from_a_file(self):
        before = self.case.read_bytes()
        run = self.add(text=self.done(more="by: AB\ncomplications: none seen\n"))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("visit of 2024-02-05 added", run.stderr)
        self.assertNotIn("Not as planned", run.stderr)
        first = Overrides.is_added_to(self, before, self.case.read_bytes()).decode()
        for words in ("date: 2024-02-05", "who: physician", "cream: yes", "numbing_grams: 20",
                      "numbing_minutes: 60", "device: skinpen-precision", "length: 1.5 mm", "passes: 4"):
            self.assertIn(words, first)
        # A second one stands behind the first, which stays as it was.
        middle = self.case.read_bytes()
        zones = "[{site: cheek, side: left, length: 1.25 mm, pain: 6, endpoint: pinpoint bleeding}]"
        run = self.add(text=self.done("2024-03-04", zones))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("temple, both: not needled, though planned", run.stderr)
        self.assertIn("cheek, left: length 1.25 mm, planned 1.5 mm", run.stderr)
        second = Overrides.is_added_to(self, middle, self.case.read_bytes()).decode()
        self.assertIn("deviations: ", second)
        self.assertEqual(cit("case", "check", self.case).returncode, 0)
        self.sheet("-o", self.at / "next.pdf")
        self.assertIn("planned visit 3, 2024-04-01", unwrapped(pdf_text(self.at / "next.pdf")))

    def test_what_is_refused_changes_nothing(self):
        self.assertEqual(self.add(text=self.done("2024-03-04")).returncode, 0)
        before = self.case.read_bytes()
        ahead = after(datetime.date.today().isoformat(), 2)
        cheek = "[{site: cheek, side: left, %s}]"
        for text, status, *words in (
            (self.done(ahead), 65, "lies ahead"),
            (self.done("2024-02-05"), 65, "on that day or after it"),
            (self.done("2024-03-04"), 65, "on that day or after it"),
            (self.done("2024-04-01", "[{site: nose}]"), 65, "no zone 'nose'"),
            (self.done("2024-04-01", "[{site: cheek, side: right}]"), 65, "no zone 'cheek' of that side"),
            (self.done("2024-04-01", cheek % "device: skinpen-precison"), 65, "did you mean 'skinpen-precision'"),
            (self.done("2024-04-01", cheek % "length: 1.6 mm"), 65, "no needle length of 1.6 mm"),
            (self.done("2024-04-01", cheek % "length: 1.5"), 65, "visit.yaml:3:", "no unit"),
            (self.done("2024-04-01", cheek % "pain: 11"), 65, "visit.yaml:3:", "pain"),
            (self.done("2024-04-01", cheek % "lenght: 1 mm"), 65, "did you mean 'length'"),
            (self.done("2024-04-01", "[]"), 65, "no zone was needled"),
            (self.done("2023-02-29"), 65, "visit.yaml:2:7", "not a date"),
            ("", 65, "visit.yaml"),
            ("schema: cit/case/1\n", 65, "cit/visit/1"),
            ("schema: cit/visit/1\nzones: [{site: cheek}]\n", 65, "date"),
        ):
            with self.subTest(text=text):
                self.fails(self.add(text=text), status, *words)
                self.assertEqual(self.case.read_bytes(), before)
        self.fails(self.add("--answers", self.at / "none.yaml"), 66, "No such file")
        self.assertEqual(self.case.read_bytes(), before)

    def test_two_faults_are_told_in_one_go(self):
        zones = "[{site: nose}, {site: cheek, side: left, device: none-such}]"
        run = self.add(text=self.done("2024-04-01", zones))
        self.fails(run, 65, "nose", "none-such")
        self.assertEqual(len(run.stderr.splitlines()), 2)

    # 9 fields of the visit, then for each zone: needled?, and 10 fields.
    DAY_FIELDS = ("date", "who", "by", "cream", "numbing", "grams", "minutes", "products", "complications")
    ZONE_FIELDS = ("needled", "device", "serial", "lot", "expiry", "length", "stepped", "passes",
                   "endpoint", "pain", "skipped")

    def typed(self, day={}, first={}, second={}):
        return [*(day.get(f, "") for f in self.DAY_FIELDS), *(first.get(f, "") for f in self.ZONE_FIELDS),
                *(second.get(f, "") for f in self.ZONE_FIELDS)]

    def talk(self, typed, day="2024-02-05"):
        return Talk(["visit", "add", self.case, "-p", self.course, "--date", day], typed, VISIT_PROMPT)

    def test_enter_keeps_the_plan(self):
        talk = self.talk(self.typed())
        self.assertEqual((talk.status, talk.left), (0, []), talk.text)
        self.assertEqual(len(talk.shown), len(self.typed()) + 1)
        self.assertIn("[2024-02-05]", talk.shown[0])
        self.assertNotIn("Not as planned", talk.end)
        self.good_words(talk.text)
        by_hand = self.case.read_bytes()
        self.case_of(CALM | {"zones": "cheek left, temple both"}, day="2024-01-31")
        self.assertEqual(self.add(text=self.done()).returncode, 0)
        self.assertEqual(self.case.read_bytes(), by_hand)

    def test_deviations_are_recorded(self):
        typed = self.typed(
            {"by": 'A. "B"', "grams": "15", "products": "?"},
            {"length": "1.25", "passes": "6", "pain": "4.5", "endpoint": "redness", "lot": "L-7",
             "expiry": "2025-01-31", "skipped": "mole: left alone"},
            {"needled": "no"},
        )[: len(self.DAY_FIELDS) + len(self.ZONE_FIELDS) + 1]
        talk = self.talk(typed)
        self.assertEqual((talk.status, talk.left), (0, []), talk.text)
        for words in ("cheek, left: length 1.25 mm, planned 1.5 mm", "cheek, left: passes 6, planned 4",
                      "temple, both: not needled, though planned"):
            self.assertIn(words, talk.end)
            self.assertIn(words, self.case.read_text())
        for words in ("numbing_grams: 15", "pain: 4.5", "endpoint: redness", "expiry: 2025-01-31",
                      "mole: left alone", 'A. \\"B\\"'):
            self.assertIn(words, self.case.read_text())
        self.assertEqual(cit("case", "check", self.case).returncode, 0)

    def test_a_bad_value_is_asked_again(self):
        bad = {"date": ("yesterday", "not a date"), "who": ("me", "home, aesthetician, physician"),
               "cream": ("maybe", "no, yes"), "grams": ("-1", "0 to 1000")}
        bad_zone = {"length": ("0", "above 0"), "stepped": ("12 kg", "unit"), "passes": ("1.5", "whole number"),
                    "endpoint": ("pain", "redness, pinpoint bleeding"), "pain": ("11", "0 to 10"),
                    "expiry": ("soon", "not a date")}
        typed, reasons = [], []
        for fields, faults in ((self.DAY_FIELDS, bad), (self.ZONE_FIELDS, bad_zone), (self.ZONE_FIELDS, {})):
            for field in fields:
                if field in faults:
                    typed.append(faults[field][0])
                    reasons.append(faults[field][1])
                typed.append("")
                reasons.append("")
        talk = self.talk(typed)
        self.assertEqual((talk.status, talk.left), (0, []), talk.text)
        for reason, shown in zip(reasons, talk.shown[1:]):
            self.assertIn(reason, shown)

    def test_the_end_and_control_c_change_nothing(self):
        before = self.case.read_bytes()
        for given in (0, 5, 9, 12, 25):
            for key in (END, STOP):
                talk = self.talk([*self.typed()[:given], key])
                self.assertIn(talk.status, (130, -signal.SIGINT), talk.text)
                self.assertEqual(self.case.read_bytes(), before)

    def test_without_a_protocol(self):
        run = self.add(text=self.done(zones="[{site: temple, side: both}]"), course=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertNotIn("Not as planned", run.stderr)

    def test_a_visit_that_should_not_have_been_is_recorded_and_said(self):
        self.case_of(CALM | {"zones": "cheek left, temple both", "expecting": "a"}, day="2024-01-31")
        run = self.add(text=self.done())
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("Screening for that day says: refused (physician)", run.stderr)

    def test_half_healed_skin_is_not_forecast(self):
        course = [self.case, "-p", self.course, *DRAWS]
        self.assertEqual(cit("simulate", *course).returncode, 0)
        self.assertEqual(self.add(text=self.done()).returncode, 0)
        run = cit("simulate", *course)
        self.fails(run, 2, "the visit of 2024-02-05 was done", "wrong skin")
        done = COURSE.replace("planned, date: 2024-02-05, count: 3, every: 4 weeks",
                              "done, date: 2024-02-05}\n  - {status: planned, after: 4 weeks")
        run = cit("simulate", self.case, "-p", self.file("done.yaml", done), *DRAWS)
        self.assertEqual(run.returncode, 0, run.stderr)
        late = self.case.read_text().replace("assessed: 2024-01-31", "assessed: 2024-02-20")
        run = cit("simulate", self.file("late.yaml", late), "-p", self.at / "done.yaml", *DRAWS)
        self.fails(run, 2, "half way through healing")

    # -- care

    def test_care_by_day_across_a_leap_day(self):
        for day in ("2028-02-27", "2027-02-27", "2028-03-01", "2027-12-30"):
            page = cit("visit", "care", "--date", day, "--who", "physician")
            self.assertEqual(page.returncode, 0, page.stderr)
            self.good_words(page.stdout)
            text = unwrapped(page.stdout)
            for name, care in catalogue("care").items():
                if "physician" not in care["for"] or care["phase"] in ("instead", "clean"):
                    continue
                first, last = (after(day, int(care[k].split()[0])) for k in ("from", "to"))
                days = first if first == last else f"{first} to {last}"
                self.assertIn(f"- {days}: {care['title']}. {care['patient']}", text, name)
        self.assertIn("2028-02-27 to 2028-03-01: keep out of the sun",
                      unwrapped(cit("visit", "care", "--date", "2028-02-27").stdout))

    def test_care_without_a_date_and_for_each_user(self):
        care = catalogue("care")
        for who in ("home", "aesthetician", "physician"):
            text = unwrapped(cit("visit", "care", "--who", who).stdout)
            self.assertIn("no date yet", text)
            self.assertIn("Day +0 to +3: keep out of the sun", text)
            for name, entry in care.items():
                if entry["phase"] not in ("instead", "clean"):
                    self.assertEqual(entry["patient"] in text, who in entry["for"], f"{name}, {who}")
            self.assertEqual(EN["care"]["clean"] in text, who == "home")

    def test_care_for_a_person(self):
        prone = self.case_of(CALM | {"skin_before": "cold_sores"}, name="prone.yaml")
        antiviral = catalogue("care")["antiviral-ask"]["patient"]
        self.assertIn(antiviral, unwrapped(cit("visit", "care", prone).stdout))
        self.assertNotIn(antiviral, unwrapped(cit("visit", "care", self.case).stdout))

    def test_care_as_pdf(self):
        out = self.at / "care.pdf"
        self.assertEqual(cit("visit", "care", "-o", out).returncode, 0)
        self.assertIn("Care before and after needling", pdf_text(out))
        self.assertEqual(cit("visit", "care", "-o", out).returncode, 74)


# ---- cit answers ----------------------------------------------------------------------------------


class Answers(Suite):
    protocol = PEOPLE / "protocols/deep-scars-28.yaml"
    ASKED = [EN["answers"][f"ask_{q}"] for q in (
        "pain", "safety", "visits", "when", "durability", "downtime", "side-effects", "combine",
        "cleared", "home-or-clinic")]

    def all_asked(self, page):
        lines = page.splitlines()
        places = [lines.index(question) for question in self.ASKED]
        self.assertEqual(places, sorted(places))
        for place in places:
            self.assertNotEqual(lines[place + 1].strip(), "", f"nothing under '{lines[place]}'")
        self.good_words(page)

    def test_without_a_protocol(self):
        run = cit("answers", self.case_of(CALM), "--date", DAY)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.all_asked(run.stdout)
        self.assertIn(EN["answers"]["no_forecast"], unwrapped(run.stdout))
        self.assertNotIn("Forecast", run.stdout)

    def test_with_a_protocol(self):
        run = cit("answers", self.case_of(CALM), "-p", self.protocol, "-o", self.at / "a.pdf")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.all_asked(run.stdout)
        text = unwrapped(run.stdout)
        for words in ("Forecast for you: ", "The protocol has 3 visits", "Nothing was measured beyond week",
                      "Forecast of red days", "Forecast chance of a dark mark", "Grade at the end"):
            self.assertIn(words, text)
        paper = unwrapped(pdf_text(self.at / "a.pdf"))
        for question in self.ASKED:
            self.assertIn(question, paper)

    def test_somebody_refused_is_answered_without_a_forecast(self):
        case = self.case_of(CALM | {"expecting": "a"})
        for args in ([], ["-p", self.protocol]):
            run = cit("answers", case, "--date", DAY, *args)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.all_asked(run.stdout)
            self.assertIn("Screening (physician): refused.", run.stdout)
            self.assertIn(EN["answers"]["home_refused"], unwrapped(run.stdout))
            self.assertNotIn("Forecast for you", run.stdout)

    def test_every_claim_that_is_shown_has_its_verdict_and_source(self):
        page = unwrapped(cit("answers", self.case_of(CALM), "--date", DAY).stdout)
        claims = catalogue("claims")
        shown = [name for name, c in claims.items() if f'"{c["claim"].rstrip(".")}": ' in page]
        self.assertGreaterEqual(len(shown), 10)
        for name in shown:
            claim = claims[name]
            said = claim["claim"].rstrip(".")
            self.assertIn(f'"{said}": {claim["verdict"]}. {claim["patient"]} [{claim["grade"]}: ', page)
        for name, claim in claims.items():
            if "leads" in claim:
                self.assertIn(name, shown)

    def test_harms_are_events_over_people(self):
        page = unwrapped(cit("answers", self.case_of(CALM), "--date", DAY).stdout)
        self.assertRegex(page, r"\d+ of \d+ in the worst of \d+ series \([\d.<]+ to [\d.]+ %")

    def test_bad_files_and_a_full_disk(self):
        self.fails(cit("answers", self.at / "none.yaml"), 66, "No such file")
        with open("/dev/full", "w") as full:
            self.assertEqual(cit("answers", self.case_of(CALM), stdout=full).returncode, 74)


# ---- cit catalogue --------------------------------------------------------------------------------


def exact_interval(events, people):
    """Clopper and Pearson, 95 %, by bisection of the binomial tail."""
    def tail(p, up):
        terms = range(events, people + 1) if up else range(events + 1)
        return sum(math.comb(people, k) * p**k * (1 - p) ** (people - k) for k in terms)

    def solve(up):
        lo, hi = 0.0, 1.0
        for _ in range(60):
            p = (lo + hi) / 2
            lo, hi = (p, hi) if (tail(p, up) < 0.025) == up else (lo, p)
        return lo

    return (0.0 if events == 0 else solve(True)), (1.0 if events == people else solve(False))


class Catalogue(Suite):
    KINDS = ("rules", "claims", "harms", "care", "flags", "anaesthetics", "medicines", "steps")

    def test_every_kind_lists_every_entry(self):
        for kind in self.KINDS:
            run = cit("catalogue", kind)
            self.assertEqual(run.returncode, 0, run.stderr)
            entries = catalogue(kind)
            self.assertIn(f"({len(entries)})", run.stdout.splitlines()[0])
            self.good_words(run.stdout)
            listed = "".join(run.stdout.split())  # a long id may stand on two lines
            for name in entries:
                self.assertTrue(re.search(rf"^ *{re.escape(name[:20])}", run.stdout, re.M) or name in listed, name)
            missing = cit("catalogue", kind, "no-such-entry")
            self.fails(missing, 66, "no-such-entry", f"cit catalogue {kind}")
        self.fails(cit("catalogue", "harmz"), 64)

    def test_every_entry_can_be_shown(self):
        """Of the claims every third: the words of all are read elsewhere."""
        entries = [(kind, name, entry) for kind in self.KINDS
                   for name, entry in list(catalogue(kind).items())[:: 3 if kind == "claims" else 1]]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            runs = pool.map(lambda e: cit("catalogue", e[0], e[1]), entries)
            for (kind, name, entry), run in zip(entries, runs):
                with self.subTest(kind=kind, id=name):
                    self.assertEqual(run.returncode, 0, run.stderr)
                    self.good_words(run.stdout)
                    text = unwrapped(run.stdout)
                    for key in ("patient", "clinician", "claim", "says", "watch"):
                        if key in entry:
                            self.assertIn(unwrapped(entry[key]), text)
                    if kind not in ("harms",):
                        self.assertIn(str(entry["grade"]), text)
                        # an address may be broken between two lines
                        source = "".join(str(entry["source"]).split())
                        self.assertIn(source[:60], "".join(run.stdout.split()))

    def test_harms_with_exact_intervals(self):
        said = {}
        for harm in catalogue("harms"):
            lines = cit("catalogue", "harms", harm).stdout.splitlines()
            text = (ROOT / f"data/harms/{harm}.yaml").read_text()
            expected = []
            for events, people in re.findall(r"events: (\d+)[,\s]+people: (\d+)", text):
                low, high = exact_interval(int(events), int(people))
                share = f"{100 * int(events) / int(people):.2g}"
                expected.append(
                    f"none seen in {people}; up to {100 * high:.2g} % not excluded" if events == "0" else
                    f"{events} of {people}: {share} % ({100 * low:.2g} to {100 * high:.2g} %)")
            heads = [i for i, line in enumerate(lines) if EN["entries"]["rate"] in line]
            self.assertEqual(bool(heads), bool(expected), harm)
            said[harm] = " ".join(expected)
            if heads:  # the second column, read downwards
                left, right = (lines[heads[0]].index(EN["entries"][k]) for k in ("rate", "types"))
                column = itertools.takewhile(str.strip, lines[heads[0] + 2:])
                self.assertEqual(unwrapped(" ".join(line[left:right] for line in column)), said[harm])
        self.assertIn("none seen in 31; up to 11 % not excluded", said["pigment"])


# ---- words ----------------------------------------------------------------------------------------


def code_of(path):
    """Source without comments; adjacent literals joined."""
    text = re.sub(r'("(?:\\.|[^"\\\n])*")|/\*.*?\*/|//[^\n]*', lambda m: m[1] or " ", path.read_text(), flags=re.S)
    return re.sub(r'"\s*"', "", text)


def literals(code):
    return re.findall(r'"((?:\\.|[^"\\\n])*)"', re.sub(r"#include[^\n]*", "", code))


class Words(Suite):
    PAGES = ("clearance", "home", "care", "visit", "answers", "entries", "advice")
    # Pieces of formats in which two words stand side by side, and a fault's sentence.
    PIECES = {"at most ", "no memory for the report"}

    def test_pages_hold_no_words_of_their_own(self):
        for name in self.PAGES:
            for literal in literals(code_of(ROOT / f"src/report/{name}.c")):
                if literal in self.PIECES:
                    continue
                self.assertNotRegex(re.sub(r"%[-+.\d*]*[a-z]+", "", literal),
                                    r"[A-Za-z]{2,} +[A-Za-z]{2,}", f"src/report/{name}.c")

    def test_every_key_that_is_asked_for_exists_and_every_key_is_asked_for(self):
        keys = dict(flat(EN))
        code = "\n".join(code_of(p) for p in sorted((ROOT / "src").rglob("*.c")))
        every = set(literals(code))
        named = set(re.findall(r'(?:\bT\(|\bcit_text\([\w>.-]+, *)"([^"]+)"', code))
        named |= {t for t in every if re.fullmatch(rf"({'|'.join(EN)})\.[\w-]+(\.[\w-]+)?", t)}
        self.assertGreater(len(named), 150)
        self.assertEqual(sorted(k for k in named if k not in keys and "%" not in k), [])
        patterns = [re.compile(re.sub(r"%[sd]", "[\\\\w-]+", re.escape(t).replace("\\%", "%")))
                    for t in every if re.fullmatch(r"[a-z_]+\.[a-z_.]*%[sd][a-z_.]*", t)]
        sections = ("who", "grounds", "screen", "home_page", "care", "visit", "visit_add", "new_case",
                    "answers", "entries")
        unused = [k for k in keys if k.split(".")[0] in sections and k not in every
                  and not any(p.fullmatch(k) for p in patterns)]
        self.assertEqual(unused, [])

    def test_every_fact_and_option_has_its_words(self):
        facts = set(re.findall(r'\{"(\w+)", +FACT_', (ROOT / "src/screening/facts.c").read_text()))
        if facts:
            self.assertLessEqual(facts, set(EN["fact"]))
        used = set()
        for kind in ("rules", "care"):
            for path in (ROOT / "data" / kind).glob("*.yaml"):
                used |= set(re.findall(r"fact: (\w+)", path.read_text()))
        for fact in used:
            self.assertEqual(set(EN["fact"][fact]), {"ask", "name"}, fact)
        interview = code_of(ROOT / "src/interview/interview.c")
        for name, question in re.findall(r"(\w+)_options\[\] = \{(.*?)\{NULL", interview, re.S):
            name = {"allergy": "allergies", "home_skin": "home_skin_now"}.get(name, name)
            part = EN["home"][name[5:]] if name.startswith("home_") else EN["case"][name]
            for option in re.findall(r'\{\s*"(\w+)"', question):
                self.assertIn(option, part)
        for site in catalogue("sites"):
            self.assertIn(site, EN["places"])

    def test_sentences_end_and_names_in_braces_are_filled(self):
        """Each name in braces of a text is one that some call fills in."""
        code = "\n".join(code_of(p) for p in sorted((ROOT / "src").rglob("*.c")))
        filled = set(literals(code))
        for key, text in flat(EN):
            for name in re.findall(r"\{(\w+)\}", text):
                self.assertIn(name, filled, key)

    def test_patients_can_read_it(self):
        for kind in ("rules", "care", "flags", "claims"):
            for name, entry in catalogue(kind).items():
                self.assertLessEqual(kincaid(entry["patient"]), 7.0, f"{kind} {name}")
        asked = [text for key, text in flat(EN["home"]) if key.endswith(".ask")]
        self.assertLessEqual(kincaid("\n".join(asked)), 7.0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
