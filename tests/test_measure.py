#!/usr/bin/python3
"""cit measure as it is typed: phantoms and their truth, pairs, documents, refusals, and the same bytes again.

usage: test_measure.py CIT SOURCE_ROOT
"""

import array
import csv
import json
import math
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True  # nothing is left in the source folder
from schemas import faults_of  # noqa: E402

CIT, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
ENV = dict(os.environ, CIT_CATALOGUE=str(ROOT / "data"))
SEVERE = ROOT / "examples/severe-scars"
COURSE = [SEVERE / "case.yaml", "--protocol", SEVERE / "protocol.yaml"]
DATA = pathlib.Path(os.environ.get("CIT_DATA", ROOT / "../shared/data"))
ZONE = ["--zone", "10,10,14,14"]
HOME = tempfile.TemporaryDirectory()
TMP = pathlib.Path(HOME.name)


def run(*args, **how):
    return subprocess.run(
        [CIT, *map(str, args)], capture_output=True, text=True, timeout=100, env=ENV, **how
    )


def measure(*args, **how):
    return run("measure", *args, **how)


def gsf(path, nx, ny, height, pitch_mm=0.04):
    """A surface of our own: height(x_mm, y_mm) in um."""
    head = f"Gwyddion Simple Field 1.0\nXRes = {nx}\nYRes = {ny}\n"
    head += f"XReal = {nx * pitch_mm / 1000}\nYReal = {ny * pitch_mm / 1000}\n"
    head = (head + "XYUnits = m\nZUnits = m\n").encode()
    head += b"\0" * (4 - len(head) % 4)
    um = array.array("f", (1e-6 * height(i * pitch_mm, j * pitch_mm) for j in range(ny) for i in range(nx)))
    path.write_bytes(head + um.tobytes())
    return path


DRAW = random.Random(7)
WAVES = [
    (2 * math.pi / DRAW.uniform(0.2, 0.6), DRAW.uniform(0, 2 * math.pi), DRAW.uniform(0, 2 * math.pi))
    for _ in range(16)
]
WAVES = [(k * math.cos(turn), k * math.sin(turn), phase) for k, turn, phase in WAVES]


def rough(x, y):
    """Some micrometres of skin."""
    return sum(2 * math.sin(kx * x + ky * y + phase) for kx, ky, phase in WAVES)


def dip(x, y):
    """A box of 0.3 mm, 2.4 mm wide, in the middle of 12 mm."""
    return rough(x, y) - 300 / (1 + math.exp((math.hypot(x - 6, y - 6) - 1.2) / 0.05))


class Phantom(unittest.TestCase):
    """A pair of known truth, made once: a skin, and the same after a course as simulated."""

    @classmethod
    def setUpClass(cls):
        cls.folder = TMP / "phantom"
        cls.told = measure("--phantom", "narrow", "--after", *COURSE, "-o", cls.folder)
        cls.first, cls.later = cls.folder / "phantom.gsf", cls.folder / "later.gsf"
        cls.out = TMP / "pair"
        cls.pair = measure(
            cls.first, cls.later, *ZONE, "--dates", "2026-01-10,2026-08-01", "-o", cls.out,
            "--roughness", "--l-filter", "2 mm",
        )

    def truth(self, name):
        rows = (self.folder / name).read_text().splitlines()[1:]
        return [{k: v for k, v in r.items()} for r in csv.DictReader(rows)]

    def document(self):
        return json.loads((self.out / "measure.json").read_text())

    def matched(self):
        """Scars of the zone with their truth before and after."""
        pairs = list(zip(self.truth("truth.csv"), self.truth("truth-later.csv")))
        for i, scar in enumerate(self.document()["found"]["scars"]):
            x, y = scar["x_mm"] + 10, scar["y_mm"] + 10
            near = [p for p in pairs if math.hypot(float(p[0]["x_mm"]) - x, float(p[0]["y_mm"]) - y) < 0.5]
            if near and not scar["cut_off"]:
                yield scar, self.document()["later"][0]["scars"][i], *near[0]

    def test_says_what_it_made(self):
        self.assertEqual(self.told.returncode, 0, self.told.stderr)
        self.assertIn("simulated", self.told.stdout)
        names = {p.name for p in self.folder.iterdir()}
        self.assertEqual(
            names,
            {"phantom.x3p", "phantom.gsf", "truth.csv", "step-card.pdf", "later.x3p", "later.gsf",
             "truth-later.csv"},
        )

    def test_scars_and_what_became_of_them(self):
        self.assertEqual(self.pair.returncode, 0, self.pair.stderr)
        found = list(self.matched())
        self.assertGreaterEqual(len(found), 5)
        before = after = change = measured = 0
        for scar, since, was, now in found:
            measured += scar["volume_mm3"]["value"]
            before += float(was["volume_mm3"])
            after += float(now["volume_mm3"])
            change += since["change_mm3"]["value"]
            self.assertEqual(since["verdict"], "better")
        self.assertLess(abs(measured / before - 1), 0.03)
        self.assertLess(abs(change / (before - after) - 1), 0.03)

    def test_the_same_skin_matches(self):
        for visit in self.document()["later"]:
            self.assertGreater(visit["match"], 0.8)
            self.assertLessEqual(visit["match"], 1)

    def test_document_fits_its_schema(self):
        schema = json.loads((ROOT / "docs/measure.schema.json").read_text())
        self.assertEqual(faults_of(self.document(), schema), [])
        self.assertIn("Sq", self.document()["roughness"])
        broken = self.document()
        broken["later"][0]["all_scars"]["verdict"] = "healed"
        self.assertEqual(len(faults_of(broken, schema)), 1)

    def test_table(self):
        rows = list(csv.reader((self.out / "scars.csv").read_text().splitlines()))
        scars = self.document()["found"]["count"]
        self.assertEqual({len(r) for r in rows}, {21})
        self.assertEqual(len(rows), 1 + 2 * scars)
        self.assertNotIn("nan", (self.out / "scars.csv").read_text())

    def test_files(self):
        names = {p.name for p in self.out.iterdir()}
        self.assertEqual(
            names,
            {"measure.json", "scars.csv", "scars.yaml", "scars.png", "change-1.png", "series.png",
             "measure.pdf"},
        )
        for name in ("scars.png", "change-1.png", "series.png"):
            self.assertEqual((self.out / name).read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        for path in self.out.iterdir():
            self.assertNotIn(str(TMP).encode(), path.read_bytes(), path.name)

    def test_page_fits_a_terminal(self):
        for line in self.pair.stdout.splitlines():
            self.assertLessEqual(len(line), 100)
        self.assertNotRegex(self.pair.stdout, r"nan|inf\b|e[+-]\d\d")
        self.assertIn("no diagnosis", " ".join(self.pair.stdout.split()))
        self.assertNotRegex(self.pair.stdout, r"±0 ")
        self.assertIn("holds the error of the height scale", " ".join(self.pair.stdout.split()))

    def test_same_bytes_on_one_thread(self):
        again = TMP / "again"
        done = measure(self.first, self.later, *ZONE, "--dates", "2026-01-10,2026-08-01", "-o", again,
                       "--roughness", "--l-filter", "2 mm", "--threads", 1)
        self.assertEqual(done.returncode, 0, done.stderr)
        for path in self.out.iterdir():
            self.assertEqual(path.read_bytes(), (again / path.name).read_bytes(), path.name)

    def test_nothing_is_overwritten_unasked(self):
        kept = (self.out / "measure.json").read_bytes()
        done = measure(self.first, *ZONE, "-o", self.out)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual((self.out / "measure.json").read_bytes(), kept)


class Surface(unittest.TestCase):
    """A small surface of our own: one box."""

    @classmethod
    def setUpClass(cls):
        cls.one = gsf(TMP / "one.gsf", 300, 300, dip)
        cls.none = gsf(TMP / "none.gsf", 200, 200, rough)

    def test_one_scar(self):
        done = measure(self.one, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        scars = json.loads(done.stdout)["found"]["scars"]
        self.assertEqual(len(scars), 1)
        self.assertLess(math.hypot(scars[0]["x_mm"] - 6, scars[0]["y_mm"] - 6), 0.1)
        self.assertLess(abs(scars[0]["depth_um"]["value"] / 300 - 1), 0.05)

    def test_none(self):
        done = measure(self.none)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("No depressed scar was found.", done.stdout)
        self.assertNotRegex(done.stdout, r"nan|inf\b")

    def test_little_skin(self):
        """One scar and no more skin than around it: its size is told, how sure that is cannot be."""
        small, out = gsf(TMP / "small-dip.gsf", 200, 200, lambda x, y: dip(x + 2, y + 2)), TMP / "little"
        done = measure(small, "-o", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("too little healthy skin around to say", " ".join(done.stdout.split()))
        self.assertRegex(done.stdout, r"boxcar .* \d+ ±\? +\d\.\d+ ±\?\n")
        self.assertNotRegex(done.stdout, r"nan|inf\b")
        row = list(csv.DictReader((out / "scars.csv").read_text().splitlines()))[0]
        self.assertEqual([row["depth_low95_um"], row["volume_high95_mm3"]], ["", ""])
        self.assertGreater(float(row["volume_mm3"]), 0)
        volume = json.loads((out / "measure.json").read_text())["found"]["volume_mm3"]
        self.assertEqual([volume["low95"], volume["high95"]], [None, None])

    def test_no_skin(self):
        done = measure(gsf(TMP / "glass.gsf", 150, 150, lambda x, y: rough(x, y) / 1000))
        self.assertIn("is the unit of heights right", " ".join(done.stdout.split()))
        self.assertNotIn("is the unit", measure(self.none).stdout)

    def test_a_copy_is_no_second_take(self):
        done = measure(self.one, self.one)
        self.assertEqual(done.returncode, 65)
        self.assertIn("a copy, not another take", done.stderr)

    def test_block_for_a_case(self):
        done = measure(self.one, "--to-case", "--site", "temple")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("nobody has\n# accepted it yet", done.stdout)
        self.assertIn("site: temple", done.stdout)
        self.assertRegex(done.stdout, r"\{type: boxcar, count: 1, width: 2\.\d\d mm, depth: 0\.\d+ mm\}")

    def test_block_is_a_case(self):
        """With the rest of a case around it, the program takes it."""
        block = measure(self.one, "--to-case").stdout
        case = TMP / "case.yaml"
        case.write_text("schema: cit/case/1\nname: measured\n" + block)
        done = run("case", "check", case)
        self.assertNotEqual(done.returncode, 65, done.stderr)
        self.assertEqual(done.stderr, "")
        case.write_text("schema: cit/case/1\nname: measured\n" + block.replace("boxcar", "box"))
        self.assertEqual(run("case", "check", case).returncode, 65)

    def test_zone_is_a_part(self):
        done = measure(self.one, "--zone", "3,3,6,6", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["surface"]["nx"], 150)
        self.assertIn("(GSF; zone: 3, 3 mm, 6 x 6 mm)", " ".join(measure(self.one, "--zone", "3,3,6,6").stdout.split()))

    def test_name_is_cleaned(self):
        odd = TMP / "a\x1b[31m\nb.gsf"
        shutil.copy(self.none, odd)
        done = measure(odd, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("\x1b", done.stdout)
        self.assertEqual(json.loads(done.stdout)["surface"]["file"], "a?[31m?b.gsf")


def roughness(*args):
    """The document of one file whose roughness is asked for, checked against the schema."""
    done = measure(*args, "--roughness", "--json")
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    document = json.loads(done.stdout)
    schema = json.loads((ROOT / "docs/measure.schema.json").read_text())
    faults = faults_of(document, schema)
    if faults:
        raise AssertionError(faults)
    return document


def values(document):
    return {k: v["value"] for k, v in document["roughness"].items() if isinstance(v, dict)}


class Roughness(unittest.TestCase):
    """Of what is too small for scars: a profile, a map of 1 mm."""

    @classmethod
    def setUpClass(cls):
        """Whole waves of 3 um, on a slope that is to be taken off."""
        cls.line = TMP / "wave.csv"
        heights = [3 * math.sin(2 * math.pi * i / 200) + 0.004 * i for i in range(4000)]
        cls.line.write_text("x [mm];z [um]\n" + "".join(f"{i * 0.001:.3f};{h:.6f}\n" for i, h in enumerate(heights)))
        cls.map = gsf(TMP / "wave.gsf", 100, 100,
                      lambda x, y: 3 * math.sin(20 * math.pi * (x + 0.005)) + 40 * x + 25 * y, 0.01)

    def test_profile(self):
        document = roughness(self.line)
        got = values(document)
        self.assertIsNone(document["found"])
        self.assertLess(abs(got["Ra"] / (6 / math.pi) - 1), 0.005)
        self.assertLess(abs(got["Rq"] / (3 / math.sqrt(2)) - 1), 0.005)
        self.assertLess(abs(got["Rz"] / 6 - 1), 0.02)

    def test_map(self):
        document = roughness(self.map)
        got = values(document)
        self.assertIsNone(document["found"])
        self.assertLess(abs(got["Sq"] / (3 / math.sqrt(2)) - 1), 0.02)
        self.assertLess(abs(got["Sa"] / (6 / math.pi) - 1), 0.03)

    def test_filters_reach_a_profile(self):
        """Waves of 0.2 mm: half is left by a Gaussian that is told to halve them."""
        got = values(roughness(self.line, "--l-filter", "0.2 mm"))
        self.assertLess(abs(got["Rq"] / (0.5 * 3 / math.sqrt(2)) - 1), 0.02)

    def test_page_says_why_no_scars(self):
        for path, words, parameter in ((self.line, "is a profile", "Ra"), (self.map, "less than the 3 mm", "Sa")):
            done = measure(path, "--roughness")
            self.assertEqual(done.returncode, 0, done.stderr)
            page = " ".join(done.stdout.split())
            self.assertIn("No scars were looked for", page)
            self.assertIn(words, page)
            self.assertRegex(done.stdout, rf"(?m)^\s*{parameter} +\d")
            self.assertNotRegex(done.stdout, r"nan|inf\b")

    def test_folder_has_the_document_alone(self):
        out = TMP / "roughness"
        self.assertEqual(measure(self.map, "--roughness", "-o", out).returncode, 0)
        self.assertEqual({p.name for p in out.iterdir()}, {"measure.json"})

    def test_scars_are_refused_as_before(self):
        for args in ((self.line,), (self.line, "--roughness", "--to-case"), (self.map, self.line, "--roughness")):
            done = measure(*args)
            self.assertEqual(done.returncode, 65, args)
            self.assertEqual(done.stdout, "")


class Refusals(unittest.TestCase):
    def refused(self, code, words, *args, **how):
        done = measure(*args, **how)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(words, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_files(self):
        empty = TMP / "empty.x3p"
        empty.write_bytes(b"")
        plu = TMP / "x.plu"
        plu.write_bytes(bytes(600))
        line = TMP / "line.csv"
        line.write_text("x [mm];z [um]\n" + "".join(f"{i * 0.1:.1f};{i % 7}\n" for i in range(100)))
        cube = TMP / "cube.obj"
        cube.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
        self.refused(66, "cannot be read", TMP / "no.x3p")
        self.refused(74, "is a directory", TMP)
        self.refused(65, "is empty", empty)
        self.refused(65, "X3P", plu)
        self.refused(65, "is a profile", line)
        self.refused(65, "--zone", cube)
        self.refused(65, "has no unit", cube, "--zone", "0,0,0,30")
        self.refused(65, "no table", ROOT / "README.md")

    def test_words(self):
        one = gsf(TMP / "small.gsf", 150, 150, rough)
        self.refused(64, "what is to be measured?")
        self.refused(64, "four numbers", one, "--zone", "1,2,3")
        self.refused(64, "above 0", one, "--zone", "0,0,1,-3")
        self.refused(65, "small.gsf: nothing of its 6 x 6 mm", one, "--zone", "1e300,0,5,5")
        self.refused(65, "small.gsf: a map of 1 x 1 mm is less than the 3 mm", one, "--zone", "0,0,1,1")
        self.refused(64, "wrong unit", one, "--pitch", "3 kg")
        self.refused(65, "tells the pitch", one, "--pitch", "3 mm")
        self.refused(64, "for 1 files", one, "--dates", "2026-01-01,2026-02-01")
        self.refused(64, "later dates", one, one, "--dates", "2026-02-01,2026-01-01")
        self.refused(64, "--protocol", "--can-see", COURSE[0])
        self.refused(66, "no such camera", "--can-see", *COURSE, "--camera", "fringe")
        self.refused(64, "--zone is given twice", one, "--zone", "0,0,5,5", "--zone", "0,0,4,4")
        self.refused(64, "either --json or --to-case", one, "--json", "--to-case")
        self.refused(66, "did you mean 'cheek'?", one, "--site", "cheeks")
        self.refused(64, "none of narrow", "--phantom", "flat", "-o", TMP / "flat")
        self.refused(64, "--after needs", one, "--after", COURSE[0])

    def test_shapes(self):
        """Which point is near, which way is out, how coarse it is: each in one sentence, with the file."""
        at = TMP / "sheet.obj"
        flat = "".join(f"v {i} {j} 0\n" for j in range(21) for i in range(21))
        corners = ((j * 21 + i + 1, j * 21 + i + 2, j * 21 + i + 23, j * 21 + i + 22)
                   for j in range(20) for i in range(20))
        at.write_text(flat + "".join("f %d %d %d %d\n" % c for c in corners))
        self.refused(65, "sheet.obj: the shape is 70 mm away", at, "--unit", "mm", "--zone", "10,10,70,8")
        self.refused(65, "nearest is 10.0,10.0,0.0", at, "--unit", "mm", "--zone", "10,10,70,8")
        self.refused(65, "sheet.obj: its points are 1 mm apart", at, "--unit", "mm", "--zone", "10,10,0,8")
        scale = TMP / "sheet.obj.scale.yaml"
        scale.write_text("schema: cit/scale/1\nunit: 2 mm\n")
        self.refused(65, "its points are 2 mm apart", at, "--zone", "20,20,0,16")
        scale.unlink()

    def test_unit(self):
        """A file whose heights are a thousand times too large shows holes that no skin has."""
        deep = gsf(TMP / "deep.gsf", 200, 200, lambda x, y: 1000 * dip(x + 2, y + 2))
        self.refused(65, "deep.gsf: has a dip of", deep)

    def test_pairs(self):
        one = gsf(TMP / "p1.gsf", 150, 150, rough)
        two = gsf(TMP / "p2.gsf", 150, 150, lambda x, y: rough(x + 50, y + 9))
        photo = TMP / "photo.jpg"
        photo.write_bytes(b"\xff\xd8\xff\xe0" + bytes(60))
        self.refused(65, "p2.gsf: ", one, two)
        self.refused(65, f"{two}: holds the same heights as {two}", one, two, two)
        self.refused(65, f"{photo}: is a photo and {one} is none", one, photo)

    def test_full_disk(self):
        one = gsf(TMP / "full.gsf", 100, 100, rough)
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([CIT, "measure", one], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=100, env=ENV)
        self.assertEqual(done.returncode, 74, done.stderr)

    def test_full_folder(self):
        """Results that do not fit replace nothing, and leave nothing beside."""
        one, out = gsf(TMP / "fits.gsf", 100, 100, rough), TMP / "fits"
        self.assertEqual(measure(one, "-o", out).returncode, 0)
        kept = {p.name: p.read_bytes() for p in out.iterdir()}
        most = max(map(len, kept.values())) - 1

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        two = gsf(TMP / "grows.gsf", 100, 100, lambda x, y: 2 * rough(x + 3, y))
        self.refused(74, "could not be written", two, "-o", out, "--force", preexec_fn=limit)
        self.assertEqual({p.name: p.read_bytes() for p in out.iterdir()}, kept)
        self.refused(74, f"{TMP}/new: could not be written", two, "-o", TMP / "new", preexec_fn=limit)
        self.assertEqual([p.name for p in TMP.iterdir() if p.name.startswith("new")], [])

    def test_results_do_not_replace_what_is_measured(self):
        one = gsf(TMP / "scans.gsf", 100, 100, rough)
        (TMP / "scans").mkdir()
        odd = shutil.copy(one, TMP / "scans/scars.csv")
        self.refused(64, "folder of their own", odd, "-o", TMP / "scans", "--force")
        self.assertEqual(pathlib.Path(odd).read_bytes(), one.read_bytes())

    def test_stopped(self):
        """Whenever it is stopped, it leaves no folder, or a whole one."""
        one, two, out = gsf(TMP / "a.gsf", 400, 400, rough), TMP / "b.gsf", TMP / "left"
        gsf(two, 400, 400, lambda x, y: rough(x, y) + DRAW.gauss(0, 1))
        with subprocess.Popen([CIT, "measure", one, two, "-o", out], stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, env=ENV) as process:
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=100)
        if process.returncode == 0:
            self.assertTrue((out / "measure.pdf").exists())
        else:
            self.assertIn(process.returncode, (130, -signal.SIGINT))
            self.assertFalse(out.exists())


class CanSee(unittest.TestCase):
    def test_a_phone_sees_no_pits(self):
        phone = measure("--can-see", *COURSE, "--camera", "phone-depth").stdout
        fringe = measure("--can-see", *COURSE, "--camera", "fringe-skin").stdout
        self.assertIn("never", phone)
        self.assertIn("almost surely", fringe)
        self.assertNotIn("never\n", fringe)


@unittest.skipUnless(DATA.is_dir(), f"real files are absent: {DATA}")
class Real(unittest.TestCase):
    def test_a_telephone_shows_no_scars(self):
        done = measure(DATA / "face-truedepth/face-fused-points.ply", "--unit", "m", "--zone", "-114.5,-0.4,329.6,40")
        self.assertIn("acne scars need 0.2 mm", done.stderr)

    def test_a_stylus_and_its_maker_agree(self):
        """What a Dektak printed of its own profile, in its digits, and so much that its cursors may be off by a sample."""
        got = values(roughness(DATA / "heightmaps/dektak-1.csv", "--zone", "0.468,0,0.265,1"))
        self.assertLess(abs(got["Ra"] - 0.00525), 5e-6)
        self.assertLess(abs(got["Rq"] - 0.01143), 1e-5)
        self.assertLess(abs(got["Rsk"] - 6.96), 0.01)
        self.assertLess(abs(got["Rz"] - 0.04917), 1e-5)

    def test_small_maps_and_gwyddion_agree(self):
        """Um, less the plane of least squares, by Gwyddion 2.62; of opd-1, which has gaps, by numpy."""
        of = {
            "al3d-1.gsf": {"Sa": 0.230196108, "Sq": 0.289822103, "Sz": 2.08631579, "Sku": 3.071278},
            "plu-1.gsf": {"Sa": 0.0146290384, "Sq": 0.0182819558, "Ssk": -0.4426035},
            "opd-1.gsf": {"Sa": 0.005201489, "Sq": 0.006711198},
            "x3p-2.x3p": {"Sq": 0.0771930328},
            "sdf-1.sdf": {"Sq": 0.0102899294},
        }
        for name, wanted in of.items():
            got = values(roughness(DATA / "heightmaps" / name))
            for parameter, value in wanted.items():
                self.assertLess(abs(got[parameter] / value - 1), 1e-4, (name, parameter, got[parameter]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
