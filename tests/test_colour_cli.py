#!/usr/bin/python3
"""`cit measure` of photos without a chart: refusals, what --relative shows, the folder, bad zones.

usage: test_colour_cli.py CIT SOURCE_ROOT
"""

import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

CIT, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
os.environ.setdefault("CIT_CATALOGUE", str(ROOT / "data"))


def png(path, seed, red):
    """Noise about one colour of skin, 8 bits."""
    n, draw = 120, random.Random(seed)
    rows = b"".join(
        b"\0" + bytes(v + draw.randint(-3, 3) for _ in range(n) for v in (red, 140, 115)) for _ in range(n)
    )

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", n, n, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return path


def gsf(path):
    """Heights of nothing: 4 mm, flat."""
    n = 100
    head = f"Gwyddion Simple Field 1.0\nXRes = {n}\nYRes = {n}\nXReal = 0.004\nYReal = 0.004\nXYUnits = m\nZUnits = m\n"
    path.write_bytes(head.encode() + b"\0" * (4 - len(head) % 4) + bytes(4 * n * n))
    return path


def cit(*args):
    return subprocess.run([CIT, "measure", *map(str, args)], capture_output=True, text=True, timeout=60)


class Photos(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.at = pathlib.Path(self.folder.name)
        self.before, self.after = png(self.at / "a.png", 1, 190), png(self.at / "b.png", 2, 193)

    def tearDown(self):
        self.folder.cleanup()

    def test_change_without_a_chart_is_refused(self):
        run = cit("--json", self.before, self.after)
        self.assertEqual(run.returncode, 0, run.stderr)
        change = json.loads(run.stdout)["photos"][1]["change"]
        self.assertTrue(change["refused"])
        self.assertIn("no colour chart", change["gates"]["CHART"])
        self.assertIsNone(change["change"]["EI"])

    def test_relative_change_is_shown_when_asked_for(self):
        run = cit("--json", "--relative", self.before, self.after)
        change = json.loads(run.stdout)["photos"][1]["change"]
        self.assertFalse(change["refused"])
        self.assertTrue(change["relative"])
        self.assertGreater(change["half_width95"]["EI"], abs(change["change"]["EI"]))
        self.assertIn("Relative only", cit("--relative", self.before, self.after).stdout)

    def test_the_folder_holds_what_was_measured(self):
        out = self.at / "out"
        run = cit("-o", out, self.before, self.after)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(
            sorted(p.name for p in out.iterdir()), ["colour.csv", "colour.json", "photo-1.png", "photo-2.png"]
        )
        self.assertEqual(len((out / "colour.csv").read_text().splitlines()), 13)

    def test_options_that_do_nothing_for_photos_are_refused(self):
        for option in (
            ["--to-case"], ["--roughness"], ["--s-filter", "0.1 mm"], ["--l-filter", "2 mm"], ["--outside", "0,0,1"],
            ["--far"], ["--noise", "1 um"], ["--unit", "mm"], ["--pitch", "0.1 mm"], ["--site", "cheek"],
            ["--protocol", "course.yaml"], ["--camera", "phone-depth"],
        ):
            run = cit(self.before, *option)
            self.assertNotEqual(run.returncode, 0, option)
            self.assertRegex(run.stderr, rf"^{option[0]}: is for [-a-z, ]+, and does nothing for photos\n$")
            self.assertEqual(run.stdout, "")

    def test_options_that_do_nothing_for_scans_are_refused(self):
        scan = gsf(self.at / "a.gsf")
        for option, words in ("--relative", "photos"), ("--outside=0,0,1", "shapes"), ("--camera=x", "--can-see"):
            run = cit(scan, option)
            self.assertNotEqual(run.returncode, 0, option)
            name = option.split("=")[0]
            self.assertEqual(run.stderr, f"{name}: is for {words}, and does nothing for maps of heights\n")
        run = cit("--phantom", "narrow", "--relative", "-o", self.at / "phantom")
        self.assertIn("does nothing for --phantom", run.stderr)

    def test_a_zone_is_whole_pixels_inside_the_photo(self):
        for zone, words in ("0.5,0,20,20", "whole numbers"), ("110,0,20,20", "do not lie in"):
            run = cit("--zone", zone, self.before)
            self.assertNotEqual(run.returncode, 0)
            self.assertIn(words, run.stderr)
        one = json.loads(cit("--json", "--zone", "10,20,30,40", self.before).stdout)
        self.assertEqual(one["photos"][0]["part"], [10, 20, 30, 40])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
