#!/usr/bin/python3
"""Holds the house in order: every room includes only what lies below it (docs/layers.md).

usage: check-layers.py ROOT
"""

import pathlib
import re
import sys

# Headers that only one room may see, and calls that only some rooms may make.
ONLY_IN = {
    r"#include <yaml\.h>": {"base"},
    r"#include <jansson\.h>": {"report", "scan"},
    r"#include <(zip|tiffio|tiff|png|jpeglib|lcms2|libxml/.*)\.h>": {"scan"},
    r"#include <libical/": {"report"},
    r"#include <(cairo|pango)": {"report"},
    r"#include <(hdf5|H5FDdevelop|zlib)\.h>": {"report"},
    r"#include <mpi\.h>": {"cli"},
    r"\bgetenv\(": {"cli"},
    r"\b(fopen|open|opendir|scandir|mkdtemp|rename|unlink)\(": {"base", "catalogue", "report"},
    r"\b(time|localtime_r|gmtime_r)\(": {"cli"},
    r"\bclock_gettime\(": {"cli"},
    r"\b(gettimeofday|rand|srand|random)\(": set(),
    r"\b(printf|puts|putchar|perror)\(": {"cli"},
}
INCLUDE = re.compile(r'^\s*#include\s+([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"", re.S)


def floors(root):
    """The table of docs/layers.md: room -> floor."""
    rows = re.findall(r"^\|\s*(\d+)\s*\|\s*`?(\w+)`?\s*\|", (root / "docs/layers.md").read_text(), re.M)
    return {room: int(floor) for floor, room in rows}


# Headers made at build time that belong to a room.
MADE = {"healing": ("column_equations.h", "column_lanes.h"), "patch": ("column_voxel.h",)}
# A second private header, where a room does two things that share nothing.
SECOND = {"scan": ("shape_impl.h",)}


def included_rooms(text):
    for bracket, name in INCLUDE.findall(text):
        if bracket == "<" and name.startswith("cit/"):
            yield name[4:].removesuffix(".h")


def check_includes(path, room, text, floor, faults):
    for bracket, name in INCLUDE.findall(text):
        own = (f"{room}_impl.h", f"{room}.h", "cli.h", *MADE.get(room, ()), *SECOND.get(room, ()))
        if bracket == '"' and name not in own:
            faults.append(f'{path}: includes "{name}", which is not its own private header')
    for other in included_rooms(text):
        if other in ("parameters", "cit"):
            if other == "cit" and room != "cli":
                faults.append(f"{path}: includes <cit/cit.h>; a room names what it stands on")
            continue
        if other not in floor:
            faults.append(f"{path}: includes <cit/{other}.h>, which is no room of docs/layers.md")
        elif other != room and floor[other] >= floor[room]:
            faults.append(
                f"{path}: {room} (floor {floor[room]}) includes {other} (floor {floor[other]})"
            )


def check_calls(path, room, text, faults):
    code = COMMENT.sub("", text)
    for pattern, allowed in ONLY_IN.items():
        subject = text if pattern.startswith("#") else code
        found = re.search(pattern, subject)
        if found and room not in allowed:
            faults.append(f"{path}: '{found.group(0)}' belongs to {sorted(allowed) or 'no room'}")


def main():
    root = pathlib.Path(sys.argv[1])
    floor = floors(root)
    faults = []
    files = [(f, f.parent.name) for f in sorted((root / "src").glob("*/*.[ch]"))]
    files += [(f, f.stem) for f in sorted((root / "include/cit").glob("*.h")) if f.stem != "cit"]
    for path, room in files:
        text = path.read_text()
        name = path.relative_to(root)
        if room not in floor:
            faults.append(f"{name}: its room is not in docs/layers.md")
            continue
        check_includes(name, room, text, floor, faults)
        check_calls(name, room, text, faults)
    for room in floor:
        if not (root / "src" / room).is_dir():
            faults.append(f"docs/layers.md: there is no room src/{room}")
    print("\n".join(faults) or f"{len(files)} files of {len(floor)} rooms keep the order")
    return 1 if faults else 0


sys.exit(main())
