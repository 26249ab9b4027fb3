"""Fields as other programs see them: VTK opens the files, finds each voxel where it is, and the numbers to the bit.

usage: test_fields.py DEMO     (the program fields_demo)
"""

import array
import math
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

try:
    from vtkmodules.vtkCommonCore import vtkDataArray
    from vtkmodules.vtkIOXML import vtkXMLImageDataReader
except ImportError:
    vtkXMLImageDataReader = None

DEMO = sys.argv.pop(1)
ACROSS, TALL, FRAMES, SIDE_MM = 20, 8, 3, 5.0
NAMES = ["debris", "fibroblasts", "new_collagen", "collagen"]


class Plain:
    """A reader of its own: the XML around the appended part, and the arrays in it."""

    def __init__(self, path):
        whole = path.read_bytes()
        start = whole.index(b'encoding="raw">') + len(b'encoding="raw">')
        start = whole.index(b"_", start) + 1
        self.root = xml.fromstring(whole[: start - 1] + b"</AppendedData></VTKFile>")
        self.image = self.root.find("ImageData")
        self.arrays = {}
        for one in self.image.find("Piece/CellData"):
            at = start + int(one.get("offset"))
            (size,) = struct.unpack_from("<Q", whole, at)
            kind = {"Float64": "d", "Float32": "f", "UInt8": "B"}[one.get("type")]
            values = array.array(kind, whole[at + 8 : at + 8 + size])
            if sys.byteorder == "big":
                values.byteswap()
            self.arrays[one.get("Name")] = values

    def numbers(self, name):
        return [float(x) for x in self.image.get(name).split()]


class Fields(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.place.name)
        subprocess.run([DEMO, cls.folder, str(ACROSS), str(FRAMES)], check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def files(self):
        return [self.folder / f"course_{i:04}.vti" for i in range(FRAMES)]

    def test_cells_are_voxels_without_a_shift(self):
        for path in self.files():
            plain = Plain(path)
            self.assertEqual(plain.root.get("byte_order"), "LittleEndian")
            self.assertEqual(plain.numbers("WholeExtent"), [0, ACROSS, 0, ACROSS, 0, TALL])
            self.assertEqual(plain.image.find("Piece").get("Extent"), plain.image.get("WholeExtent"))
            self.assertEqual(plain.numbers("Origin"), [0, 0, 0])
            self.assertEqual(plain.numbers("Spacing"), [SIDE_MM / ACROSS] * 3)
            for name in NAMES + ["viable", "vtkGhostType"]:
                self.assertEqual(len(plain.arrays[name]), ACROSS * ACROSS * TALL)

    def test_what_does_not_live_is_no_number(self):
        for path in self.files():
            plain = Plain(path)
            for i, share in enumerate(plain.arrays["viable"]):
                self.assertEqual(plain.arrays["vtkGhostType"][i], 0 if share > 0 else 32)
                for name in NAMES:
                    self.assertEqual(math.isnan(plain.arrays[name][i]), share == 0)

    def test_single_precision_is_rounded_double(self):
        double, single = Plain(self.files()[0]).arrays, Plain(self.files()[1]).arrays
        self.assertEqual(double["collagen"].typecode + single["collagen"].typecode, "df")
        self.assertEqual(array.array("f", double["viable"]), single["viable"])

    @unittest.skipIf(vtkXMLImageDataReader is None, "python3-vtk9 is not installed")
    def test_vtk_reads_the_same(self):
        h = SIDE_MM / ACROSS
        for path in self.files():
            plain, reader = Plain(path), vtkXMLImageDataReader()
            self.assertTrue(reader.CanReadFile(str(path)))
            reader.SetFileName(str(path))
            reader.Update()
            image = reader.GetOutput()
            self.assertEqual(image.GetNumberOfCells(), ACROSS * ACROSS * TALL)
            self.assertEqual(image.GetPointData().GetNumberOfArrays(), 0)
            self.assertEqual(image.GetBounds(), (0, SIDE_MM, 0, SIDE_MM, 0, TALL * h))
            for i, j, k in [(0, 0, 0), (1, 0, 0), (0, 3, 0), (7, 5, 2), (ACROSS - 1, ACROSS - 1, TALL - 1)]:
                cell = (k * ACROSS + j) * ACROSS + i
                ends = image.GetCell(cell).GetBounds()
                for axis, place in enumerate((i, j, k)):
                    self.assertAlmostEqual((ends[2 * axis] + ends[2 * axis + 1]) / 2, (place + 0.5) * h, 12)
            for name in NAMES + ["viable"]:
                values = image.GetCellData().GetArray(name)
                self.assertEqual(bytes(memoryview(values)), plain.arrays[name].tobytes(), name)
                self.assertEqual(values.GetInformation().Get(vtkDataArray.UNITS_LABEL()), "1")
                lives = [v for v in plain.arrays[name] if not math.isnan(v)]
                self.assertEqual(values.GetFiniteRange(), (min(lives), max(lives)))
            self.assertEqual(image.GetCellData().GetScalars().GetName(), "debris")
            hidden = sum(not image.IsCellVisible(i) for i in range(image.GetNumberOfCells()))
            self.assertEqual(hidden, sum(v == 0 for v in plain.arrays["viable"]))
            self.assertGreater(hidden, 0)

    @unittest.skipIf(vtkXMLImageDataReader is None, "python3-vtk9 is not installed")
    def test_vtk_finds_what_made_it(self):
        reader = vtkXMLImageDataReader()
        reader.SetFileName(str(self.files()[1]))
        reader.Update()
        told = reader.GetOutput().GetFieldData()
        words = lambda name: told.GetAbstractArray(name).GetValue(0)
        self.assertEqual(told.GetArray("TimeValue").GetValue(0), 45)
        self.assertEqual((words("program"), words("seed")), ("cit test", "7"))
        self.assertEqual(words("catalogue_digest"), "0123456789abcdef")
        self.assertEqual(words("settings"), 'spacing: 50 um\nnote: <a & "b">, µm')
        self.assertEqual(words("meaning_debris"), "cell debris of the wound")

    def test_the_collection_names_files_and_days(self):
        sets = xml.parse(self.folder / "course.pvd").getroot().findall("Collection/DataSet")
        self.assertEqual([s.get("file") for s in sets], [p.name for p in self.files()])
        self.assertEqual([float(s.get("timestep")) for s in sets], [0, 45, 180])

    def test_pictures_are_of_one_size_through_a_film(self):
        films = sorted((self.folder / "frames").glob("*.png"))
        self.assertEqual([f.name for f in films], [f"{i:04}.png" for i in range(FRAMES)])
        sizes = {f.read_bytes()[16:24] for f in films}
        self.assertEqual(len(sizes), 1)
        width, height = struct.unpack(">II", sizes.pop())
        self.assertEqual(width, 1600)
        self.assertTrue(re.search(r"^  ffmpeg .*%04d\.png", (self.folder / "frames/README").read_text(), re.M))

    def test_all_bytes_are_the_same_again(self):
        with tempfile.TemporaryDirectory() as again:
            subprocess.run([DEMO, again, str(ACROSS), str(FRAMES)], check=True, stdout=subprocess.DEVNULL,
                           env={"OMP_NUM_THREADS": "3"})
            for path in sorted(self.folder.rglob("*")):
                if path.is_file():
                    other = pathlib.Path(again) / path.relative_to(self.folder)
                    self.assertEqual(path.read_bytes(), other.read_bytes(), path.name)


unittest.main(verbosity=2)
