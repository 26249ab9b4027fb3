#!/usr/bin/python3
"""cit simulate --patch as it is typed: files, pictures, refusals, and the same bytes after a stop.

usage: test_simulate_patch.py CIT SOURCE_ROOT
"""

import csv
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

CIT, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
ENV = dict(os.environ, CIT_CATALOGUE=str(ROOT / "data"))
CASE = """schema: cit/case/1
age: 30 years
sex: female
zones:
  - {site: cheek, side: left, scars: [{type: boxcar, count: 5, width: 0.6 mm, depth: 0.2 mm}]}
"""
COURSE = """schema: cit/protocol/1
who: physician
settings: [{device: skinpen-precision, length: 1.0 mm, passes: 4}]
visits:
  - {status: planned}
  - {status: planned, after: 6 days}
"""
SMALL = ["--patch", "--size", "1.2 mm", "--voxel", "40 um", "--days", "12 days", "--every", "4 days"]


class Patch(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.here = pathlib.Path(self.folder.name)
        (self.here / "case.yaml").write_text(CASE)
        (self.here / "course.yaml").write_text(COURSE)

    def command(self, *args):
        return [CIT, "simulate", self.here / "case.yaml", "-p", self.here / "course.yaml", *args]

    def run_it(self, *args):
        return subprocess.run(
            [str(a) for a in self.command(*args)], capture_output=True, text=True, timeout=170, env=ENV
        )

    def fails(self, done, status, *words):
        said = " ".join((done.stdout + done.stderr).split())
        self.assertEqual(done.returncode, status, said)
        for word in words:
            self.assertIn(word, said)

    def test_a_folder_has_fields_a_film_a_surface_and_a_table(self):
        out = self.here / "out"
        done = self.run_it(*SMALL, "--vtk", "-o", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ("One scar in voxels", "boxcar scar, 0.6 mm wide", "Mass balance", "it shows how, not how much"):
            self.assertIn(words, " ".join(done.stdout.split()))
        self.assertIn("MB of memory, to day 12", done.stderr)
        with open(out / "course.csv", newline="") as table:
            rows = list(csv.DictReader(table))
        days = [float(row["day"]) for row in rows]
        # every four days, and one and three days after the visits on days 0 and 6
        self.assertEqual(days, [0, 1, 3, 4, 7, 8, 9, 12])
        depths = [float(row["depth_mm"]) for row in rows]
        self.assertLess(depths[-1], depths[0])
        self.assertAlmostEqual(depths[0], 0.2, delta=0.003)
        for number in range(len(days)):
            picture = (out / "film" / f"{number:04}.png").read_bytes()
            self.assertEqual(picture[:8], b"\x89PNG\r\n\x1a\n")
            width, height = struct.unpack(">II", picture[16:24])
            self.assertTrue(width >= 800 and height >= 400, (width, height))
        self.assertEqual((out / "surface.png").read_bytes()[:4], b"\x89PNG")
        self.assertEqual((out / "course.h5").read_bytes()[1:4], b"HDF")
        self.assertEqual(len(list(out.glob("day-*.vti"))), len(days))
        self.assertIn("day-0012.vti", (out / "course.pvd").read_text())
        # Nothing that is there is replaced unasked.
        self.fails(self.run_it(*SMALL, "-o", out), 74, "is there already")
        again = self.run_it(*SMALL, "--vtk", "-o", out, "--force", "--threads", "3")
        self.assertEqual(again.returncode, 0, again.stderr)

    def test_looks_within_a_day_have_files_of_their_own(self):
        out = self.here / "out"
        short = ["--patch", "--size", "1.2 mm", "--voxel", "40 um", "--days", "1 day", "--every", "0.25 days"]
        done = self.run_it(*short, "--vtk", "-o", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = ["day-0000.vti", "day-0000.2500.vti", "day-0000.5000.vti", "day-0000.7500.vti", "day-0001.vti"]
        self.assertEqual(sorted(p.name for p in out.glob("day-*.vti")), sorted(names))
        listed = (out / "course.pvd").read_text()
        for day, name in zip(("0", "0.25", "0.5", "0.75", "1"), names):
            self.assertIn(f'timestep="{day}" group="" part="0" file="{name}"', listed)
            self.assertIn(f">{day}</DataArray>", (out / name).read_bytes()[:1000].decode(errors="replace"))

    def test_a_stop_leaves_what_goes_on_to_the_same_bytes(self):
        whole, half, rest = self.here / "whole", self.here / "half", self.here / "rest"
        keep = ["--checkpoint-every", "4 days"]
        done = self.run_it(*SMALL, *keep, "-o", whole)
        self.assertEqual(done.returncode, 0, done.stderr)
        short = [a if a != "12 days" else "8 days" for a in SMALL]
        done = self.run_it(*short, *keep, "-o", half)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_it(*SMALL, *keep, "--resume", half / "checkpoint.cit", "-o", rest)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((whole / "checkpoint.cit").read_bytes(), (rest / "checkpoint.cit").read_bytes())
        # Damage, another scar's, no file.
        hurt = bytearray((half / "checkpoint.cit").read_bytes())
        hurt[len(hurt) // 2] ^= 1
        (self.here / "hurt.cit").write_bytes(hurt)
        self.fails(self.run_it(*SMALL, "--resume", self.here / "hurt.cit"), 65, "hurt.cit")
        self.fails(self.run_it(*SMALL, "--seed", 2, "--resume", half / "checkpoint.cit"), 65, "another scar")
        hurt = bytearray((half / "checkpoint.cit").read_bytes())
        hurt[14] ^= 1  # within the share of bands
        (self.here / "hurt.cit").write_bytes(hurt)
        self.fails(self.run_it(*SMALL, "--resume", self.here / "hurt.cit"), 65, "damaged")
        for was, now in (("after: 6", "after: 7"), ("passes: 4", "passes: 3"), ("1.0 mm", "0.75 mm")):
            (self.here / "course.yaml").write_text(COURSE.replace(was, now))
            self.fails(self.run_it(*SMALL, "--resume", half / "checkpoint.cit"), 65, "of another scar, course or seed")
        (self.here / "course.yaml").write_text(COURSE)
        self.fails(self.run_it(*SMALL, "--resume", self.here), 74, "is a directory; a file is needed")
        self.fails(self.run_it(*SMALL, "--resume", self.here / "none"), 66, "cannot be read")

    def same_numbers(self, a, b):
        done = subprocess.run(["h5diff", "-v", str(a), str(b)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn("ot comparable", done.stdout)  # another number of frames is no difference to h5diff
        for name in ("/day", "/fields/collagen", "/fields/inflammation", "/settings", "/viable"):
            self.assertIn(name, done.stdout)

    def test_a_course_goes_on_in_its_own_folder(self):
        whole, half = self.here / "whole", self.here / "half"
        keep = ["--checkpoint-every", "4 days"]
        short = [a if a != "12 days" else "8 days" for a in SMALL]
        for args, out in ((SMALL, whole), (short, half)):
            done = self.run_it(*args, *keep, "-o", out)
            self.assertEqual(done.returncode, 0, done.stderr)
        early = self.here / "early.cit"
        shutil.copy(half / "checkpoint.cit", early)
        # Where it was stopped, and over frames behind the checkpoint.
        done = self.run_it(*SMALL, *keep, "--resume", early, "-o", half)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.same_numbers(whole / "course.h5", half / "course.h5")
        done = self.run_it(*short, "--resume", early, "-o", half)
        self.assertEqual(done.returncode, 0, done.stderr)
        unlike = subprocess.run(["h5diff", "-v", whole / "course.h5", half / "course.h5"], capture_output=True, text=True)
        self.assertIn("ot comparable", unlike.stdout, "frames behind the checkpoint stayed")
        names = sorted(p.name for p in (half / "film").glob("*.png"))  # days 0 1 3 4 7 8
        self.assertEqual(names, [f"{i:04}.png" for i in range(6)], "pictures behind the checkpoint stayed")
        done = self.run_it(*SMALL, *keep, "--resume", early, "-o", half)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.same_numbers(whole / "course.h5", half / "course.h5")
        self.assertEqual((whole / "checkpoint.cit").read_bytes(), (half / "checkpoint.cit").read_bytes())
        names = sorted(p.name for p in (whole / "film").glob("*.png"))
        self.assertEqual(names, sorted(p.name for p in (half / "film").glob("*.png")))
        # What was made otherwise is left as it was.
        before = (half / "course.h5").read_bytes()
        for other in (["--fields", "collagen"], ["--prior"], ["--store", "double"]):
            done = self.run_it(*SMALL, *other, "--resume", early, "-o", half)
            self.assertEqual(done.returncode, 65, done.stderr)
            self.assertEqual(before, (half / "course.h5").read_bytes())
        (half / "course.h5").write_bytes(before[: len(before) // 2])
        self.fails(self.run_it(*SMALL, "--resume", early, "-o", half), 74, "cut short")

    def test_ctrl_c_keeps_a_checkpoint(self):
        out = self.here / "stopped"
        run = subprocess.Popen(
            [str(a) for a in self.command("--patch", "--size", "2 mm", "--voxel", "25 um", "-o", out)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV,
        )
        for _ in range(300):
            if (out / "film" / "0001.png").exists() or run.poll() is not None:
                break
            time.sleep(0.2)
        self.assertIsNone(run.poll(), "it was done before it could be stopped")
        os.kill(run.pid, signal.SIGINT)
        said = run.communicate(timeout=170)[1]
        self.assertNotEqual(run.returncode, 0)
        self.assertIn("--resume", said)
        self.assertTrue((out / "checkpoint.cit").exists())
        self.assertEqual((out / "course.h5").read_bytes()[1:4], b"HDF")

    def test_what_cannot_be_is_refused(self):
        for args, status, words in (
            (["--patch", "--voxel", "0.2 mm"], 65, "cannot resolve channels"),
            (["--patch", "--voxel", "0.5 um"], 71, "take larger voxels"),
            (["--patch", "--voxel", "1e-9 um"], 71, "take larger voxels"),
            (["--patch", "--voxel-z", "1e-9 um"], 71, "take larger voxels"),
            (["--patch", "--size", "1e9 mm"], 71, "take larger voxels"),
            (["--patch", "--size", "1.2 mm", "--every", "1e-200 days"], 65, "less than a minute"),
            (["--patch", "--size", "1.2 mm", "--days", "1e200 days"], 65, "looks; at most"),
            (["--patch", "--size", "0.3 mm"], 65, "no rim around a scar"),
            (["--patch", "--scar", "rolling"], 65, "there are no rolling scars"),
            (["--patch", "--scar", "keloid"], 64, "'keloid' is none of rolling, boxcar, ice-pick"),
            (["--patch", "--voxel", "40"], 64, "has no unit"),
            (["--patch", "--voxel", "-1 mm"], 64, "is not above 0"),
            (["--patch", "--days", "nan days"], 64, "--days"),
            (["--patch", "--fields", "collagen,sebum", "--size", "1.2 mm"], 65, "there is no field 'sebum'"),
            (["--patch", "--json"], 64, "--patch has no --json"),
            (["--voxel", "40 um"], 64, "need --patch"),
            (["--patch", "--precision", "half"], 64, "'half' is none"),
            (["--patch", "-o", "/nonexistent/folder"], 74, "/nonexistent"),
        ):
            with self.subTest(args=args):
                self.fails(self.run_it(*args), status, words)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
