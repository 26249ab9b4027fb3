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
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

CIT, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
ENV = dict(os.environ, CIT_CATALOGUE=str(ROOT / "data"))
SEVERE = ROOT / "examples/severe-scars"
COURSE = [SEVERE / "case.yaml", "--protocol", SEVERE / "protocol.yaml"]
DATA = pathlib.Path(os.environ.get("CIT_DATA", ROOT / "../shared/data"))
ZONE = ["--zone", "10,10,14,14"]
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
HOME = tempfile.TemporaryDirectory()
TMP = pathlib.Path(HOME.name)


def run(*args, **how):
    return subprocess.run(
        [CIT, *map(str, args)], capture_output=True, text=True, timeout=100, env=ENV, **how
    )


def measure(*args, **how):
    return run("measure", *args, **how)


def is_of(value, kind):
    if kind in ("number", "integer"):
        return isinstance(value, int if kind == "integer" else (int, float)) and value is not True
    return isinstance(value, TYPES[kind])


def fits(value, schema, root, at, faults):
    """The keywords that docs/measure.schema.json uses."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/")[-1]]
    if "anyOf" in schema:
        tries = []
        for one in schema["anyOf"]:
            found = []
            fits(value, one, root, at, found)
            tries.append(found)
        if all(tries):
            faults.extend(tries[-1])
        return
    kinds = schema.get("type")
    if kinds and not any(is_of(value, k) for k in ([kinds] if isinstance(kinds, str) else kinds)):
        faults.append(f"{at} is no {kinds}: {value!r}")
        return
    if "const" in schema and value != schema["const"]:
        faults.append(f"{at} is {value!r}")
    if "enum" in schema and value not in schema["enum"]:
        faults.append(f"{at} is {value!r}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            faults.append(f"{at} is {value}")
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                faults.append(f"{at} lacks {key}")
        others = schema.get("additionalProperties", False)
        for key, item in value.items():
            if key in schema["properties"]:
                fits(item, schema["properties"][key], root, f"{at}.{key}", faults)
            elif others:
                fits(item, others, root, f"{at}.{key}", faults)
            else:
                faults.append(f"{at} has {key}")
    if isinstance(value, list):
        for i, item in enumerate(value):
            fits(item, schema["items"], root, f"{at}[{i}]", faults)


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

    def test_document_fits_its_schema(self):
        schema = json.loads((ROOT / "docs/measure.schema.json").read_text())
        faults = []
        fits(self.document(), schema, schema, "measure", faults)
        self.assertEqual(faults, [])
        self.assertIn("Sq", self.document()["roughness"])
        broken = self.document()
        broken["later"][0]["all_scars"]["verdict"] = "healed"
        fits(broken, schema, schema, "measure", faults)
        self.assertEqual(len(faults), 1)

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

    def test_a_copy_is_no_second_take(self):
        done = measure(self.one, self.one)
        self.assertEqual(done.returncode, 65)
        self.assertIn("a copy, not another take", done.stderr)

    def test_block_for_a_case(self):
        done = measure(self.one, "--to-case", "--site", "temple")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("nobody has accepted it", done.stdout)
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
    faults = []
    fits(document, schema, schema, "measure", faults)
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
        self.refused(65, "nothing of the map", one, "--zone", "1e300,0,5,5")
        self.refused(65, "less than the 3 mm", one, "--zone", "0,0,1,1")
        self.refused(64, "wrong unit", one, "--pitch", "3 kg")
        self.refused(65, "tells the pitch", one, "--pitch", "3 mm")
        self.refused(64, "for 1 files", one, "--dates", "2026-01-01,2026-02-01")
        self.refused(64, "later dates", one, one, "--dates", "2026-02-01,2026-01-01")
        self.refused(64, "--protocol", "--can-see", COURSE[0])
        self.refused(66, "no such camera", "--can-see", *COURSE, "--camera", "fringe")
        self.refused(64, "none of narrow", "--phantom", "flat", "-o", TMP / "flat")
        self.refused(64, "--after needs", one, "--after", COURSE[0])

    def test_full_disk(self):
        one = gsf(TMP / "full.gsf", 100, 100, rough)
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([CIT, "measure", one], stdout=full, stderr=subprocess.PIPE, text=True,
                                  timeout=100, env=ENV)
        self.assertEqual(done.returncode, 74, done.stderr)

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
