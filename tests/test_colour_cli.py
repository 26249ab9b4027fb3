#!/usr/bin/python3
"""`cit measure` of photos without a chart: refusals, what --relative shows, the folder, bad zones.

usage: test_colour_cli.py CIT SOURCE_ROOT
"""

import csv
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

sys.dont_write_bytecode = True  # nothing is left in the source folder
from schemas import faults_of  # noqa: E402

CIT, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
os.environ.setdefault("CIT_CATALOGUE", str(ROOT / "data"))


# As in src/colour/fit.c.
PATCHES = bytes.fromhex(
    "745143 c79381 5b7a9c 5a6c40 8280b0 5cbeac e07c2f 445baa c65261 5e3a6a 9fbd3f e6a227"
    "233f93 43954a b43139 eec614 c15497 0088aa f5f5f3 c8caca a1a3a3 79797a 525456 313133"
)


def write_png(path, width, height, colour_at, draw):
    """8 bits, with noise."""
    rows = b"".join(
        b"\0"
        + bytes(min(max(v + draw.randint(-3, 3), 0), 255) for x in range(width) for v in colour_at(x, y))
        for y in range(height)
    )
    return put_png(path, width, height, 8, 2, rows)


def put_png(path, width, height, bits, kind, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return path


def png(path, seed, red):
    """Noise about one colour of skin."""
    return write_png(path, 120, 120, lambda x, y: (red, 140, 115), random.Random(seed))


def charted(path, seed, red, blue=1.0):
    """Skin, redder to the right, and a chart of 27 pixels a patch, in a light that may lack blue."""

    def colour_at(x, y):
        if not (10 <= x < 199 and 10 <= y < 139):
            skin = (red + (x > 320) * 8, 140, 115)
        else:
            column, row = divmod(x - 16, 30), divmod(y - 16, 30)
            patch = 0 <= column[0] < 6 and 0 <= row[0] < 4 and column[1] < 27 and row[1] < 27
            at = 3 * (6 * row[0] + column[0])
            skin = PATCHES[at : at + 3] if patch else (20, 20, 20)
        return skin[0], skin[1], round(blue * skin[2])

    return write_png(path, 400, 240, colour_at, random.Random(seed))


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

    def check_document(self, document):
        """It fits its schema, and one thing more or less does not."""
        schema = json.loads((ROOT / "docs/colour.schema.json").read_text())
        self.assertEqual(faults_of(document, schema), [])
        broken = dict(document, photos=[dict(document["photos"][0], more=1)])
        del broken["program"]
        self.assertEqual(
            faults_of(broken, schema), ["$: 'program' is missing", "$.photos[0].more is not in the schema"]
        )

    def test_change_without_a_chart_is_refused(self):
        run = cit("--json", self.before, self.after)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.check_document(json.loads(run.stdout))
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
            sorted(p.name for p in out.iterdir()),
            ["colour.csv", "colour.json", "colour.pdf", "photo-1.png", "photo-2.png"],
        )
        self.assertEqual(len((out / "colour.csv").read_text().splitlines()), 13)

    def test_a_series_is_held_against_its_first(self):
        """Other light, and then redder skin: only the second is a change."""
        visits = [
            charted(self.at / "v0.png", 1, 190), charted(self.at / "v1.png", 2, 190, 0.9),
            charted(self.at / "v2.png", 3, 200),
        ]
        out, dates = self.at / "series", "2026-01-10,2026-02-21,2026-05-30"
        run = cit("-o", out, "--dates", dates, "--zone", "220,20,170,170", *visits)
        self.assertEqual(run.returncode, 0, run.stderr)
        photos = json.loads((out / "colour.json").read_text())["photos"]
        self.assertTrue(all(p["chart"] for p in photos))
        self.check_document(json.loads((out / "colour.json").read_text()))
        changes = [p["change"] for p in photos[1:]]
        seen = [c["change"]["EI"] > c["half_width95"]["EI"] for c in changes]
        self.assertEqual(seen, [False, True], [(c["change"]["EI"], c["half_width95"]["EI"]) for c in changes])
        self.assertTrue((out / "series.png").read_bytes().startswith(b"\x89PNG"))

    def test_visits_that_cannot_be_compared_are_told_apart(self):
        charts = [charted(self.at / "a.png", 1, 190), charted(self.at / "b.png", 2, 190), self.at / "c.png"]
        write_png(charts[2], 400, 240, lambda x, y: (190, 140, 115), random.Random(3))
        zone, dates, out = ["--zone", "220,20,170,170"], "2026-01-10,2026-02-21,2026-05-30", self.at / "three"
        run = cit("-o", out, "--dates", dates, *zone, *charts)
        self.assertEqual(run.returncode, 0, run.stderr)
        with (out / "colour.csv").open() as f:
            rows = [r for r in csv.DictReader(f) if r["index"] == "EI"]
        self.assertEqual([r["comparison"] for r in rows], ["", "chart", "refused"])
        self.assertEqual(rows[2]["gates"].split()[0], "CHART")
        self.assertEqual(rows[2]["change"], "")

    def test_no_chart_of_a_series_is_drawn_of_what_is_refused(self):
        for options, drawn in ([], False), (["--relative"], True):
            out = self.at / f"out{drawn}"
            dates = ["--dates", "2026-01-10,2026-02-21"]
            run = cit("-o", out, *dates, *options, self.before, self.after)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual((out / "series.png").exists(), drawn)

    def test_a_sheet_is_one_page(self):
        out = self.at / "sheet"
        run = cit("-o", out, "--dates", "2026-01-10,2026-02-21", "--relative", self.before, self.after)
        self.assertEqual(run.returncode, 0, run.stderr)
        told = subprocess.run(["pdftotext", "-layout", out / "colour.pdf", "-"], capture_output=True, text=True)
        self.assertEqual(told.stdout.count("\f"), 1)
        for words in "Colour of skin as measured", "Relative only", "no change seen", "This is no", "a.png, 2026-01-10":
            self.assertIn(words, told.stdout)

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

    def test_grey_is_no_photo_of_colour(self):
        """A map of heights without its scale is one."""
        for bits in (8, 16):
            rows = (b"\0" + bytes(range(100)) * (bits // 8)) * 100
            run = cit(put_png(self.at / "grey.png", 100, 100, bits, 0, rows))
            self.assertEqual(run.returncode, 65)
            self.assertIn("grey.png: is grey, and has no colour to measure", run.stderr)
            self.assertIn("--height and --pitch", run.stderr)
            self.assertEqual(run.stdout, "")

    def test_a_copy_is_no_second_photo(self):
        copy = self.at / "copy.png"
        copy.write_bytes(self.before.read_bytes())
        run = cit(self.before, self.after, copy)
        self.assertNotEqual(run.returncode, 0)
        self.assertEqual(run.stderr, "copy.png: holds the same bytes as a.png: a copy, not another photo\n")

    def test_a_zone_is_whole_pixels_inside_the_photo(self):
        for zone, words in ("0.5,0,20,20", "whole numbers"), ("110,0,20,20", "a.png: part: 20 x 20 pixels at 110, 0 do not lie in"):
            run = cit("--zone", zone, self.before)
            self.assertNotEqual(run.returncode, 0)
            self.assertIn(words, run.stderr)
        one = json.loads(cit("--json", "--zone", "10,20,30,40", self.before).stdout)
        self.assertEqual(one["photos"][0]["part"], [10, 20, 30, 40])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
