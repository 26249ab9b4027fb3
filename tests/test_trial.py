#!/usr/bin/python3
"""`cit trial` as people type it: page, JSON, methods, people, Ctrl-C and going on, bad input; and with MPI at 1, 2
and 3 processes, where the program was built with it.

usage: test_trial.py CIT SOURCE_ROOT mpi|no-mpi
"""

import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

CIT, ROOT, MPI = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3] == "mpi"
PEN = ROOT / "examples/trials/protocols/pen-monthly.yaml"
TRIAL = f"""schema: cit/trial/1
name: needling against nothing
question: Is it better?
design: parallel
population:
  kinds: 6
  age: {{from: 18 years, to: 45 years}}
  grades: [1, 2, 2]
  health: [{{question: keloid_tendency, share: 0.1}}]
arms:
  - {{name: untreated, untreated: yes}}
  - {{name: pen, protocol: {PEN}, adds: {{percent: 1, sd: 1, source: assumed}}}}
conduct: {{people: 20, drop_out: 0.1, missed_visits: 0.1, rater: {{blinded: yes}}}}
endpoints:
  - {{name: score, quantity: goodman_baron_improvement_percent, at: 26 weeks, test: welch}}
  - {{name: half, quantity: goodman_baron_improvement_percent, at: 26 weeks, responder: 50, test: odds-ratio}}
analysis: {{multiplicity: holm}}
repeats: {{trials: 40, target: 0.5, most_people: 64, sensitivity: yes}}
"""


def cit(*args, **more):
    return subprocess.run(
        [CIT, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200, **more
    )


def fits(value, schema, root, where, faults):
    """The part of JSON Schema that the house's schemas use."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted

    def is_a(kind):
        if kind in ("number", "integer"):
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return not isinstance(value, bool) and (whole if kind == "integer" else isinstance(value, (int, float)))
        return isinstance(value, kinds[kind])

    if wanted and not any(is_a(kind) for kind in wanted):
        faults.append(f"{where}: {value!r} is not {wanted}")
    if "const" in schema and value != schema["const"]:
        faults.append(f"{where}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{where}: {value!r} is none of {schema['enum']}")
    if isinstance(value, dict) and "properties" in schema:
        for key in set(schema.get("required", [])) - set(value):
            faults.append(f"{where}.{key} is missing")
        for key, member in value.items():
            if key in schema["properties"]:
                fits(member, schema["properties"][key], root, f"{where}.{key}", faults)
            elif schema.get("additionalProperties") is False:
                faults.append(f"{where}.{key} is not in the schema")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            fits(item, schema["items"], root, f"{where}[{i}]", faults)


class Trial(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.at = pathlib.Path(self.folder.name)
        self.file = self.at / "trial.yaml"
        self.file.write_text(TRIAL)

    def tearDown(self):
        self.folder.cleanup()

    def test_the_page_says_what_it_is_and_what_it_is_not(self):
        run = cit("trial", self.file)
        self.assertEqual(run.returncode, 0, run.stderr)
        words = " ".join(run.stdout.split())
        for part in ("A virtual arm is no evidence: it says", "seed 1", "power", "assurance", "Sample size",
                     "twice the drop-out", "screening refused"):
            self.assertIn(part, words)

    def test_json_is_one_document_and_fits_its_schema(self):
        schema = json.loads((ROOT / "docs/trial.schema.json").read_text())
        run = cit("trial", self.file, "--json", "--seed", 7)
        self.assertEqual(run.returncode, 0, run.stderr)
        document, faults = json.loads(run.stdout), []
        fits(document, schema, schema, "$", faults)
        self.assertEqual(faults, [])
        self.assertEqual(document["made_by"]["seed"], 7)
        self.assertIn("no evidence", document["no_evidence"])
        self.assertNotEqual(cit("trial", self.file, "--json", "--seed", 8).stdout, run.stdout)

    def test_methods_can_be_pasted(self):
        out = self.at / "methods.md"
        run = cit("trial", self.file, "--methods", out, "--trials", 20)
        self.assertEqual(run.returncode, 0, run.stderr)
        words = out.read_text()
        for part in ("# Methods: needling against nothing", "seed 1", "Holm", "20 people", "no evidence", "assumed"):
            self.assertIn(part, words)
        self.assertEqual(len(words.strip().splitlines()), 3, "one paragraph below a heading")
        self.assertEqual(cit("trial", self.file, "--methods", out, "--trials", 20).returncode, 74)

    def test_people_can_be_had_one_by_one(self):
        out = self.at / "people.csv"
        run = cit("trial", self.file, "--individuals", out, "--of", 3, "--trials", 20)
        self.assertEqual(run.returncode, 0, run.stderr)
        lines = out.read_text().splitlines()
        self.assertTrue(lines[0].startswith("# A virtual arm is no evidence"))
        self.assertIn("seed 1", lines[1])
        rows = list(csv.DictReader(lines[2:]))
        self.assertEqual(len(rows), 60)
        self.assertEqual({row["arm"] for row in rows}, {"untreated", "pen"})
        self.assertIn("score, goodman_baron_improvement_percent, day 182", rows[0])
        for row in rows:
            self.assertTrue(18 <= float(row["age_years"]) <= 45, row)
            self.assertEqual(row["dropped_out"] == "yes",
                             row["score, goodman_baron_improvement_percent, day 182"] == "", row)
        self.assertEqual(cit("trial", self.file, "--individuals", self.at / "people.txt").returncode, 64)

    def test_people_of_a_file(self):
        self.file.write_text(TRIAL.replace("kinds: 6", "people: p.csv").replace(
            "  age: {from: 18 years, to: 45 years}\n  grades: [1, 2, 2]\n", ""))
        (self.at / "p.csv").write_text("age,sex\n25,female\n30,male\n")
        self.assertEqual(cit("trial", self.file, "--trials", 20).returncode, 0)
        (self.at / "p.csv").write_text("age,sex\n25,female\n30,mole\n")
        run = cit("trial", self.file, "--trials", 20)
        self.assertEqual(run.returncode, 65)
        self.assertIn("p.csv:3:4: sex cannot be 'mole': female or male, or empty", run.stderr)
        (self.at / "p.csv").unlink()
        self.assertEqual(cit("trial", self.file, "--trials", 20).returncode, 66)

    def test_control_c_leaves_a_checkpoint_that_goes_on_to_the_same_bytes(self):
        many = ["--trials", 400, "--json", "--threads", 1]
        save = self.at / "save"
        whole = cit("trial", self.file, *many)
        self.assertEqual(whole.returncode, 0, whole.stderr)
        process = subprocess.Popen(
            [CIT, "trial", str(self.file), *map(str, many), "--checkpoint", str(save)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not save.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, words = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 130, words)
        self.assertEqual(out, "")
        self.assertIn("--resume", words)
        rest = cit("trial", self.file, *many, "--resume", save)
        self.assertEqual(rest.returncode, 0, rest.stderr)
        self.assertEqual(rest.stdout, whole.stdout)
        other = cit("trial", self.file, *many, "--resume", save, "--seed", 2)
        self.assertEqual(other.returncode, 65)
        self.assertIn("another trial", other.stderr)

    def test_bad_trials_are_refused_with_all_their_faults(self):
        self.file.write_text(TRIAL.replace("design: parallel", "design: parralel").replace("share: 0.1", "share: 3"))
        run = cit("trial", self.file)
        self.assertEqual(run.returncode, 65)
        self.assertEqual(len(run.stderr.splitlines()), 2, run.stderr)
        self.assertIn("trial.yaml:4:9: design", run.stderr)
        self.assertEqual(run.stdout, "")
        self.assertEqual(cit("trial", self.at / "none.yaml").returncode, 66)
        self.assertEqual(cit("trial").returncode, 64)
        self.assertEqual(cit("trial", self.file, self.file).returncode, 64)
        self.file.write_text(TRIAL.replace("untreated, untreated: yes", f"other, protocol: {self.at}/no.yaml"))
        self.assertEqual(cit("trial", self.file).returncode, 66)

    def test_what_cannot_be_written_is_told_before_the_work(self):
        def refused(status, words, *args):
            begun = time.monotonic()
            run = cit("trial", self.file, "--trials", 60000, *args)
            self.assertEqual(run.returncode, status, run.stderr)
            self.assertIn(words, run.stderr)
            self.assertLess(time.monotonic() - begun, 20)

        refused(74, "cannot be written: folder", "--methods", self.at / "none" / "methods.md")
        refused(74, "cannot be written: folder", "--checkpoint", self.at / "none" / "save")
        refused(74, "is not a file", "--individuals", self.folder_named("people.csv"), "--force")
        refused(74, "is there already", "--checkpoint", self.file)
        refused(65, "one file cannot be two things", "--methods", self.at / "a.csv", "--individuals", self.at / "a.csv")
        refused(65, "rows are too many", "--individuals", self.at / "a.csv", "--of", 10000, "--people", 20000)

    def folder_named(self, name):
        (self.at / name).mkdir()
        return self.at / name

    def test_a_second_control_c_ends_it_at_once(self):
        process = subprocess.Popen(
            [CIT, "trial", str(self.file), "--trials", "60000", "--people", "20000", "--threads", "1"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(2)  # in the middle of a trial of 20 000 people
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        self.assertIn(process.returncode, (-signal.SIGINT, 130))

    def test_strata_drop_out_and_effects_are_told(self):
        self.file.write_text(TRIAL.replace("drop_out: 0.1,", """strata: [grade], block: 2, drop_out: 0.1,
  drop_out_correlation: {severity: 0.2, improvement: -0.4},""").replace("test: welch}", "test: welch, effect: 10}"))
        out = self.at / "methods.md"
        run = cit("trial", self.file, "--trials", 20, "--methods", out)
        self.assertEqual(run.returncode, 0, run.stderr)
        for part in ("permuted blocks by grade", "(informative)", "at the stated effect of 10 percentage points",
                     "drop-out at random"):
            self.assertIn(part, " ".join(run.stdout.split()))
        for part in ("permuted blocks of 4, 1:1, stratified by grade", "0.2 with the score at the start",
                     "-0.4 with the improvement so far", "an effect of 10 percentage points was taken as true"):
            self.assertIn(part, out.read_text())
        document = json.loads(cit("trial", self.file, "--trials", 20, "--json").stdout)
        self.assertEqual(document["conduct"]["strata"], ["grade"])
        self.assertEqual([e["stated_effect"] for e in document["endpoints"]], [10, 10])

    def test_no_number_is_missing_where_there_is_one(self):
        document = json.loads(cit("trial", self.file, "--trials", 20, "--json").stdout)
        for run in document["runs"]:
            for found in run["comparisons"]:
                # Of the search there are no distributions.
                missing = {key for key, value in found.items() if value is None}
                self.assertLessEqual(missing, {"difference_median", "difference_lo90", "difference_hi90"}
                                     if run["what"] == "size" else set(), run["what"])

    def test_a_result_outlives_files_that_cannot_be_written(self):
        gone = self.folder_named("gone")
        self.file.write_text(TRIAL.replace(", target: 0.5, most_people: 64, sensitivity: yes", ""))
        save = self.at / "save"
        process = subprocess.Popen(
            [CIT, "trial", str(self.file), "--trials", "400", "--threads", "1", "--json", "--methods", str(gone / "m.md"),
             "--individuals", str(self.at / "people.csv"), "--checkpoint", str(save)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not save.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.02)
        gone.rmdir()
        out, words = process.communicate(timeout=200)
        self.assertEqual(process.returncode, 74, words)
        self.assertEqual(json.loads(out)["made_by"]["trials"], 400)
        self.assertIn("m.md", words)
        self.assertTrue((self.at / "people.csv").exists(), "the other file was not tried")

    def test_one_file_is_one_thing_however_it_is_spelt(self):
        self.file.write_text(TRIAL.replace("kinds: 6", "people: p.csv").replace(
            "  age: {from: 18 years, to: 45 years}\n  grades: [1, 2, 2]\n", "").replace(str(PEN), "pen.yaml"))
        shutil.copy(PEN, self.at / "pen.yaml")
        (self.at / "p.csv").write_text("age,sex\n25,female\n30,male\n")
        (self.at / "link").symlink_to(self.at)
        os.link(self.at / "p.csv", self.at / "q.csv")
        save = self.at / "save"
        self.assertEqual(cit("trial", self.file, "--trials", 20, "--checkpoint", save).returncode, 0)
        kept = {name: (self.at / name).read_bytes() for name in ("trial.yaml", "pen.yaml", "p.csv", "save")}

        def clash(*args):
            run = cit("trial", self.file, "--trials", 20, "--force", *args)
            self.assertEqual(run.returncode, 65, (args, run.stderr))
            self.assertIn("one file cannot be two things", run.stderr)

        clash("--methods", self.at / "link" / "trial.yaml")
        clash("--methods", self.at / "." / "link" / "pen.yaml")
        clash("--individuals", self.at / "q.csv")
        clash("--checkpoint", self.at / "p.csv")
        clash("--methods", self.at / "link" / "save", "--resume", save)
        clash("--methods", self.at / "new.csv", "--individuals", self.at / "link" / "new.csv")
        for name, was in kept.items():
            self.assertEqual((self.at / name).read_bytes(), was, name)
        again = cit("trial", self.file, "--trials", 20, "--resume", save, "--checkpoint", self.at / "link" / "save")
        self.assertEqual(again.returncode, 0, again.stderr)

    def test_no_file_of_people_is_cut(self):
        self.file.write_text(TRIAL.replace("kinds: 6", "people: p.csv").replace(
            "  age: {from: 18 years, to: 45 years}\n  grades: [1, 2, 2]\n", ""))
        line = "25,female" + " " * 3000 + "\n"
        (self.at / "p.csv").write_text("age,sex\n" + line * (2**20 // len(line)) + "30,mole\n" + line)
        run = cit("trial", self.file, "--trials", 20)
        self.assertEqual(run.returncode, 65, run.stderr)
        self.assertIn("p.csv: is larger than 1048576 bytes", run.stderr)
        (self.at / "p.csv").write_text("age,sex\n25,female\n30,male" + " " * 4000 + "x\n")
        run = cit("trial", self.file, "--trials", 20)
        self.assertEqual(run.returncode, 65, run.stderr)
        self.assertIn("p.csv:3:1: a line of 4008 bytes", run.stderr)

    def test_no_more_trials_are_asked_for_than_there_are(self):
        out = self.at / "people.csv"
        run = cit("trial", self.file, "--trials", 3, "--individuals", out, "--of", 50)
        self.assertEqual(run.returncode, 65, run.stderr)
        self.assertIn("--of 50: there are 3 virtual trials", run.stderr)
        self.assertFalse(out.exists())

    def test_json_tells_its_analysis_and_its_rater(self):
        self.file.write_text(TRIAL.replace("rater: {blinded: yes}", "rater: {blinded: yes, noise: 12}").replace(
            "test: welch}", "test: welch, claim: non-inferiority, margin: 7}").replace(
            "multiplicity: holm", "alpha: 0.025, sides: 1, missing: no-change"))
        document = json.loads(cit("trial", self.file, "--trials", 20, "--json").stdout)
        self.assertEqual(document["analysis"], {
            "alpha": 0.025, "sides": 1, "interval_level": 0.95, "multiplicity": None, "missing": "no-change",
            "margins": [7, None]})
        self.assertEqual(document["conduct"]["rater_noise"], 12)
        self.assertIsNone(document["conduct"]["sides_sd"])
        size = document["sample_size"]
        self.assertEqual((size["endpoint"], size["arm"], size["against_arm"]), ("score", "pen", "untreated"))
        found = [run for run in document["runs"] if run["what"] == "size" and run["people"] == size["people"]]
        self.assertEqual([run["comparisons"][0]["success"] for run in found], [size["success"]])
        self.file.write_text(TRIAL)
        document = json.loads(cit("trial", self.file, "--trials", 20, "--json").stdout)
        self.assertEqual(document["analysis"]["multiplicity"], "holm")
        self.assertIsNone(document["conduct"]["rater_noise"])

    def test_control_c_while_people_are_told(self):
        out = self.at / "people.csv"
        self.file.write_text(TRIAL.replace(", target: 0.5, most_people: 64, sensitivity: yes", ""))
        process = subprocess.Popen(
            [CIT, "trial", str(self.file), "--trials", "2000", "--people", "4", "--json", "--individuals", str(out),
             "--of", "2000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        first = process.stdout.read(1)  # the result is printed before the people are followed
        process.send_signal(signal.SIGINT)
        rest, words = process.communicate(timeout=200)
        self.assertEqual(process.returncode, 130, words)
        self.assertEqual(json.loads(first + rest)["made_by"]["trials"], 2000)
        self.assertFalse(out.exists())

    def test_nobody_left_is_a_refusal(self):
        self.file.write_text(TRIAL.replace("keloid_tendency, share: 0.1", "isotretinoin, share: 1"))
        run = cit("trial", self.file, "--trials", 20)
        self.assertEqual(run.returncode, 2, run.stderr)

    @unittest.skipUnless(MPI, "built without MPI")
    def test_processes_leave_no_trace(self):
        alone = cit("trial", self.file, "--json")
        self.assertEqual(alone.returncode, 0, alone.stderr)
        save = self.at / "save"
        environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        for ranks in (1, 2, 3):
            with self.subTest(ranks=ranks):
                run = subprocess.run(
                    [shutil.which("mpirun"), "--oversubscribe", "-n", str(ranks), CIT, "trial", str(self.file),
                     "--json", "--threads", "1", "--checkpoint", str(save)],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200, env=environment)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertEqual(run.stdout, alone.stdout)
                self.assertEqual(cit("trial", self.file, "--json", "--resume", save).stdout, alone.stdout)

    @unittest.skipUnless(MPI, "built without MPI")
    def test_processes_with_other_seeds_are_refused(self):
        environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        one = [CIT, "trial", str(self.file), "--json", "--threads", "1", "--trials", "20", "--seed"]
        run = subprocess.run(
            [shutil.which("mpirun"), "--oversubscribe", "-n", "1", *one, "1", ":", "-n", "1", *one, "2"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=200, env=environment)
        self.assertNotEqual(run.returncode, 0)
        self.assertEqual(run.stdout, "")
        self.assertIn("process 1 has another trial, program, catalogue, posterior, seed", run.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
