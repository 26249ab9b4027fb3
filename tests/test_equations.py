#!/usr/bin/python3
"""The generator of equations (tools/gen-equations.py): what it refuses, and whether the C it makes is right.

Small tables are compiled and run; the right side is compared with the same equations written by hand in
Python, the Jacobian with their derivatives by complex steps, the factorisation with Gauss's elimination.

usage: test_equations.py SOURCE_ROOT BUILD_ROOT CC...
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
CC = sys.argv[3:] or ["cc"]
GENERATOR = ROOT / "tools/gen-equations.py"
TABLE = ROOT / "data/equations/column.eq"
MODES = {"plain": ["plain"], "lanes": ["lanes", "3"]}


def generate(folder, text, mode, layers=3, env=None):
    """Exit status, message and output file of one run on a table of this text."""
    table, output = folder / "toy.eq", folder / f"{mode}.h"
    output.unlink(missing_ok=True)
    table.write_text(text)
    words = ["plain"] if mode == "plain" else ["lanes", str(layers)]
    done = subprocess.run([sys.executable, GENERATOR, table, *words, output], text=True,
                          capture_output=True, env=env and {**os.environ, **env}, check=False)
    return done.returncode, done.stderr.strip(), output


# ---- a table as a model in Python ---------------------------------------------------------------


class Model:
    """Names of a table and its equations by hand: `rates(at)` gives {name: rate} of one layer or of the
    singles. `at` has what an equation may use: at(name), at.there(name) ..."""

    def __init__(self, text, parameters, rates, singles):
        self.text, self.parameters, self.rates, self.single_rates = text, parameters, rates, singles
        words = {w[0]: w[1:] for w in (line.split() for line in text.splitlines()) if w and
                 w[0] in ("fields", "singles", "layer", "column")}
        self.fields, self.singles = words["fields"], words.get("singles", [])
        self.layer, self.column = words.get("layer", []), words.get("column", [])

    def right_side(self, K, y, values):
        """y by field and layer, then singles; complex numbers pass through."""
        at = At(self, K, y, values)
        out = []
        for name in self.fields:
            for k in range(K):
                out.append(self.rates[name](at.layer(k)))
        return out + [self.single_rates[name](at) for name in self.singles]

    def jacobian(self, K, y, values):
        n, step = len(y), 1e-30
        columns = []
        for j in range(n):
            moved = [complex(x, step if i == j else 0) for i, x in enumerate(y)]
            columns.append([complex(f).imag / step for f in self.right_side(K, moved, values)])
        return [[columns[j][i] for j in range(n)] for i in range(n)]


class At:
    """What a rate may read: at.A for a state or a number of the column, of its layer; and its neighbours."""

    def __init__(self, model, K, y, values, k=None):
        self._model, self._K, self._y, self._values, self._k = model, K, y, values, k

    def layer(self, k):
        return At(self._model, self._K, self._y, self._values, k)

    def __getattr__(self, name):
        model = self._model
        if name in model.fields:
            return self._y[model.fields.index(name) * self._K + self._k]
        if name in model.singles:
            return self._y[len(model.fields) * self._K + model.singles.index(name)]
        if name in model.layer:
            return self._values[name][self._k]
        return self._values[name]

    def beside(self, term):
        """The sum of term(neighbour) over the layers beside this one."""
        return sum(term(self.layer(j)) for j in (self._k - 1, self._k + 1) if 0 <= j < self._K)

    def mean(self, term):
        return sum(term(self.layer(k)) for k in range(self._K)) / self._K

    def top(self, term):
        return term(self.layer(0))

    def bottom(self, term):
        return term(self.layer(self._K - 1))

    def deepest(self, value):
        return value if self._k == self._K - 1 else 0


def max0(x):
    return x if complex(x).real > 0 else 0


def solve(matrix, right):
    """Gauss with partial pivoting."""
    n = len(right)
    rows = [list(matrix[i]) + [right[i]] for i in range(n)]
    for p in range(n):
        best = max(range(p, n), key=lambda i: abs(rows[i][p]))
        rows[p], rows[best] = rows[best], rows[p]
        for i in range(p + 1, n):
            factor = rows[i][p] / rows[p][p]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[p])]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (rows[i][n] - sum(rows[i][j] * x[j] for j in range(i + 1, n))) / rows[i][i]
    return x


# ---- a program around the C that is made -----------------------------------------------------------

HEADER = """#pragma once
typedef struct cit_kinetics {{ double unused{parameters}; }} cit_kinetics;
typedef struct cit_column {{ cit_kinetics kinetics; double unused{members}; }} cit_column;
"""
PROGRAM = """#include <stddef.h>
#include <stdio.h>
#include <string.h>
typedef double lanes __attribute__((vector_size(16)));
typedef long long lanes_mask __attribute__((vector_size(16)));
#define LANES_MAX0(x) ((lanes)((lanes_mask)(x) & ((x) > 0)))
#define LANES_STEP(x) ((lanes)((lanes_mask)((lanes){{0}} + 1.0) & ((x) > 0)))
#include "plain.h"
#include "lanes.h"
enum {{ F = COLUMN_FIELDS, S = COLUMN_SINGLES, K = {K}, N = F * K + S }};

static void print(const char *name, const double *x, int count, int stride) {{
    printf("%s\\"%s\\": [", strcmp(name, "f") == 0 ? "{{" : ", ", name);
    for (int i = 0; i < count; i++) printf("%s%.17g", i > 0 ? ", " : "", x[i * stride]);
    printf("]");
}}

int main(void) {{
    static cit_column c;
    static const double y[N] = {{ {y} }}, later_y[N] = {{ {later_y} }}, k0[N] = {{ {k0} }}, shift = {shift};
    static double f[N], J[N * N], means[COLUMN_MEANS + 1], unused[F];
    {assignments}
    for (int k = 0; k < K; k++) {{
        double rates[F];
        column_layer_rates(&c, y, K, k, rates, means);
        if (k > 0) column_beside_rates(&c, y, K, k, k - 1, rates);
        if (k < K - 1) column_beside_rates(&c, y, K, k, k + 1, rates);
        for (int i = 0; i < F; i++) f[i * K + k] = rates[i];
    }}
    for (int i = 0; i < COLUMN_MEANS; i++) means[i] /= K;
    column_single_rates(&c, y, K, means, f + F * K);
    (void)unused;
    for (int k = 0; k < K; k++) {{
        double block[F * F] = {{0}}, there[F * F], singles[S * F];
        column_layer_slopes(&c, y, K, k, block);
        for (int j = k - 1; j <= k + 1; j += 2) {{
            if (j < 0 || j >= K) continue;
            memset(there, 0, sizeof there);
            column_beside_slopes(&c, y, K, k, j, block, there);
            for (int a = 0; a < F; a++)
                for (int b = 0; b < F; b++) J[(a * K + k) * N + b * K + j] = there[a * F + b];
        }}
        for (int a = 0; a < F; a++)
            for (int b = 0; b < F; b++) J[(a * K + k) * N + b * K + k] = block[a * F + b];
        memset(singles, 0, sizeof singles);
        column_single_field_slopes(&c, y, K, k, means, singles);
        for (int a = 0; a < S; a++)
            for (int b = 0; b < F; b++) J[(F * K + a) * N + b * K + k] = singles[a * F + b];
    }}
    double block[S * S];
    memset(block, 0, sizeof block);
    column_single_slopes(&c, y, K, means, block);
    for (int a = 0; a < S; a++)
        for (int b = 0; b < S; b++) J[(F * K + a) * N + F * K + b] = block[a * S + b];

    static lanes q[COLUMN_LANES_COEFFICIENTS + 1], w[COLUMN_LANES_WORK], ys[N], ls[N], first[N], later[N];
    const lanes shifts = {{shift, 2 * shift}};
    column_lanes_coefficients(&c, (double *)q, 2);
    column_lanes_coefficients(&c, (double *)q + 1, 2);
    for (int i = 0; i < N; i++) {{
        ys[i] = (lanes){{y[i], later_y[i]}};
        ls[i] = (lanes){{later_y[i], y[i]}};
        later[i] = (lanes){{k0[i], -k0[i]}};
    }}
    column_lanes_first(q, ys, &shifts, w, first);
    column_lanes_later(q, ls, w, later);
    print("f", f, N, 1);
    print("J", J, N * N, 1);
    print("first", (double *)first, N, 2);
    print("first beside", (double *)first + 1, N, 2);
    print("later", (double *)later, N, 2);
    print("later beside", (double *)later + 1, N, 2);
    printf("}}\\n");
    return COLUMN_LANES_STATES != N;
}}
"""


def numbers(values):
    return ", ".join(repr(float(v)) for v in values)


class Loud(Exception):
    """The generator or the compiler refused."""


def run(model, K, seed, folder):
    """What the C of a model gives at a random state, and the numbers it was given."""
    draw = random.Random(seed)
    n = len(model.fields) * K + len(model.singles)
    values = {name: draw.uniform(0.3, 1.7) for name in model.parameters + model.column}
    values.update({name: [draw.uniform(0.3, 1.7) for _ in range(K)] for name in model.layer})
    given = {"values": values, "shift": draw.uniform(20, 60)}
    for name in ("y", "later_y", "k0"):
        given[name] = [draw.uniform(0.1, 1.9) for _ in range(n)]
    for mode in MODES:
        status, message, _ = generate(folder, model.text, mode, K)
        if status != 0:
            raise Loud(message)
    (folder / "cit").mkdir(exist_ok=True)
    (folder / "cit/healing.h").write_text(HEADER.format(
        parameters="".join(f", {p}" for p in model.parameters),
        members="".join(f", {c}" for c in model.column) + "".join(f", {v}[{K}]" for v in model.layer)))
    assignments = [f"c.kinetics.{p} = {values[p]!r};" for p in model.parameters]
    assignments += [f"c.{c} = {values[c]!r};" for c in model.column]
    assignments += [f"c.{v}[{k}] = {values[v][k]!r};" for v in model.layer for k in range(K)]
    (folder / "main.c").write_text(PROGRAM.format(
        K=K, y=numbers(given["y"]), later_y=numbers(given["later_y"]), k0=numbers(given["k0"]),
        shift=repr(given["shift"]), assignments="\n    ".join(assignments)))
    made = subprocess.run([*CC, "-std=gnu17", "-O2", "-w", "-I", folder, folder / "main.c", "-o",
                           folder / "main", "-lm"], text=True, capture_output=True, check=False)
    if made.returncode != 0:
        raise Loud(made.stderr)
    return json.loads(subprocess.run([folder / "main"], text=True, capture_output=True,
                                     check=True).stdout), given


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def close(self, got, want, tolerance, what):
        self.assertEqual(len(got), len(want), what)
        for i, (a, b) in enumerate(zip(got, want)):
            self.assertLessEqual(abs(a - b), tolerance * (1 + abs(b)), f"{what}[{i}] is {a}, not {b}")

    def check(self, model, K, seed=1):
        """C against the equations by hand: values, slopes, and both halves of a step in both lanes."""
        got, given = run(model, K, seed, self.folder)
        n = len(given["y"])
        f = [complex(x).real for x in model.right_side(K, given["y"], given["values"])]
        J = model.jacobian(K, given["y"], given["values"])
        where = f"{K} layers, seed {seed}:\n{model.text}"
        self.close(got["f"], f, 1e-13, f"{where}\nrate")
        for i in range(n):
            self.close(got["J"][i * n:(i + 1) * n], J[i], 1e-12, f"{where}\nJ[{i}]")
        for lane, (y, later, sign) in enumerate((("y", "later_y", 1), ("later_y", "y", -1))):
            name = " beside" if lane else ""
            here = model.jacobian(K, given[y], given["values"])
            shifted = [[(i == j) * given["shift"] * (1 + lane) - here[i][j] for j in range(n)]
                       for i in range(n)]
            first = [complex(x).real for x in model.right_side(K, given[y], given["values"])]
            second = [complex(x).real for x in model.right_side(K, given[later], given["values"])]
            second = [a + sign * b for a, b in zip(second, given["k0"])]
            self.close(got["first" + name], solve(shifted, first), 1e-11, f"{where}\nfirst")
            self.close(got["later" + name], solve(shifted, second), 1e-11, f"{where}\nlater")


# ---- tables with a known form ---------------------------------------------------------------------

TOY = Model("""# two fields, two singles, everything that a table may hold
fields  A B
singles X Y
layer   share
column  speed loss

Q = A^2/(h + A)
R = 1 - B          # an abbreviation of which another one is made
U = Q*R

A' = feed*share - 0.5*U + speed*beside(there(A)*(1 - B) - A*(1 - there(B))) - deepest(loss*A)
B' = -(r*max0(Q - q)*(-R)) - d*B^3 + A*beside(there(B)^2*there(A)/(h + there(A)) - B) + 2*(d - A)
X' = g*mean(Q*B)*X - X*mean(max0(B - h)) + top(A)^2 - 1e-3
Y' = bottom(B)*(1 - Y) - r*X*Y/(1 + max0(mean(A) - q))
""", ["h", "feed", "r", "q", "d", "g"], {
    "A": lambda a: (a.feed * a.share - 0.5 * (a.A * a.A / (a.h + a.A)) * (1 - a.B)
                    + a.speed * a.beside(lambda b: b.A * (1 - a.B) - a.A * (1 - b.B))
                    - a.deepest(a.loss * a.A)),
    "B": lambda a: (a.r * max0(a.A * a.A / (a.h + a.A) - a.q) * (1 - a.B) - a.d * a.B**3
                    + a.A * a.beside(lambda b: b.B * b.B * b.A / (a.h + b.A) - a.B)
                    + 2 * (a.d - a.A)),
}, {
    "X": lambda a: (a.g * a.mean(lambda l: l.A * l.A / (a.h + l.A) * l.B) * a.X
                    - a.X * a.mean(lambda l: max0(l.B - a.h)) + a.top(lambda l: l.A)**2 - 1e-3),
    "Y": lambda a: (a.bottom(lambda l: l.B) * (1 - a.Y)
                    - a.r * a.X * a.Y / (1 + max0(a.mean(lambda l: l.A) - a.q))),
})

CONSTANT = Model("""fields A B
singles X
A' = 1
B' = 0*A - 2^3
X' = 0.25
""", [], {"A": lambda a: 1, "B": lambda a: -8}, {"X": lambda a: 0.25})


class Numbers(Case):
    def test_a_toy_with_everything_in_it(self):
        for K in (1, 2, 3, 5):
            for seed in range(3):
                self.check(TOY, K, seed)

    def test_rates_that_are_constant(self):
        self.check(CONSTANT, 1)
        self.check(CONSTANT, 3)

    def test_abbreviations_of_the_layer_beside(self):
        """What they read there is of that layer, its own numbers too; the deepest is the layer itself."""
        model = Model("fields A B\nsingles X\nlayer v\nG = v*A\nH = G + max0(A - B)\n"
                      "A' = beside(there(H) - H) - A\nB' = k*beside(v*there(B)) - beside(deepest(there(G)))\n"
                      "X' = -X\n", ["k"], {
                          "A": lambda a: a.beside(lambda b: self.seen(b) - self.seen(a)) - a.A,
                          "B": lambda a: (a.k * a.beside(lambda b: a.v * b.B)
                                          - a.beside(lambda b: a.deepest(b.v * b.A))),
                      }, {"X": lambda a: -a.X})
        for K in (1, 2, 3, 5):
            self.check(model, K, K)

    @staticmethod
    def seen(at):
        return at.v * at.A + max0(at.A - at.B)

    def test_random_tables(self):
        for seed in range(24):
            self.check(random_model(seed), 1 + seed % 4, seed)

    def test_the_same_table_gives_the_same_bytes(self):
        for mode in MODES:
            outputs = set()
            for hashes in range(4):
                status, message, path = generate(self.folder, TABLE.read_text(), mode,
                                                 env={"PYTHONHASHSEED": str(hashes)})
                self.assertEqual(status, 0, message)
                outputs.add(path.read_bytes())
            self.assertEqual(len(outputs), 1, f"{mode} depends on the order of sets")

    def test_a_table_without_comments_and_blank_lines_is_the_same(self):
        bare = "\n".join(t.split("#")[0].rstrip() for t in TABLE.read_text().splitlines()
                         if t.split("#")[0].strip())
        for mode in MODES:
            _, _, path = generate(self.folder, TABLE.read_text(), mode)
            commented = path.read_bytes()
            _, _, path = generate(self.folder, bare + "\n", mode)
            self.assertEqual(path.read_bytes(), commented)


# ---- random tables ----------------------------------------------------------------------------------


class Grower:
    """Random expressions as pairs: their text, and a function of `at` (and of a neighbour)."""

    def __init__(self, seed):
        self.draw = random.Random(1000 + seed)

    def leaf(self, beside, names):
        name = self.draw.choice(names)
        if beside and name in "ABC" and self.draw.random() < 0.5:
            return f"there({name})", lambda a, b: getattr(b, name)
        if self.draw.random() < 0.2:
            value = self.draw.choice([2, 0.5, 3, 1, 0.125])
            return repr(value), lambda a, b: value
        return name, lambda a, b: getattr(a, name)

    def grow(self, depth, beside, names):
        if depth == 0:
            return self.leaf(beside, names)
        (s, f), (t, g) = (self.grow(depth - 1, beside, names) for _ in range(2))
        kind = self.draw.randrange(7)
        if kind == 0:
            return f"({s} + {t})", lambda a, b: f(a, b) + g(a, b)
        if kind == 1:
            return f"({s} - {t})", lambda a, b: f(a, b) - g(a, b)
        if kind in (2, 3):
            return f"{s}*{t}", lambda a, b: f(a, b) * g(a, b)
        if kind == 4:
            return f"{s}/(1 + ({t})^2)", lambda a, b: f(a, b) / (1 + g(a, b) * g(a, b))
        if kind == 5:
            power = self.draw.randrange(1, 5)
            return f"-({s})^{power}", lambda a, b: -f(a, b) ** power
        name = self.draw.choice([x for x in names if x not in "vps"])
        return f"max0({s} - 0.7*{name})", lambda a, b: max0(f(a, b) - 0.7 * getattr(a, name))


def random_model(seed):
    """Rates are sums of a local term, of neighbours and of the deepest layer; those of singles of means,
    tops and bottoms."""
    grower = Grower(seed)
    lines = ["fields A B C", "singles X Y", "layer v", "column s"]
    rates, singles = {}, {}
    for name in "ABC":
        (t, f), (u, g), (w, h) = (grower.grow(d, b, ["A", "B", "C", "p", "q", "v", "s"])
                                  for d, b in ((3, False), (2, True), (2, False)))
        lines.append(f"{name}' = {t} - s*beside({u}) + p*deepest({w})")
        rates[name] = (lambda f, g, h: lambda a: f(a, None) - a.s * a.beside(lambda b: g(a, b))
                       + a.p * a.deepest(h(a, None)))(f, g, h)
    for name in "XY":
        t, f = grower.grow(2, False, ["A", "B", "C", "p", "v"])
        u, g = grower.grow(2, False, ["X", "Y", "p", "s"])
        field = grower.draw.choice("ABC")
        lines.append(f"{name}' = ({u})*mean({t}) - top({field})*{name} + q*bottom({field})")
        singles[name] = (lambda f, g, field, name: lambda a: (
            g(a, None) * a.mean(lambda l: f(l, None)) - a.top(lambda l: getattr(l, field)) * getattr(a, name)
            + a.q * a.bottom(lambda l: getattr(l, field))))(f, g, field, name)
    return Model("\n".join(lines) + "\n", ["p", "q"], rates, singles)


# ---- what is refused --------------------------------------------------------------------------------

GOOD = ["fields A B", "singles X", "A' = -A", "B' = k*A", "X' = mean(A) - X"]


def table(replace=None, add=None):
    """GOOD with one line replaced, {place: line}, or lines added at the end."""
    lines = list(GOOD)
    for place, line in (replace or {}).items():
        lines[place] = line
    return "\n".join(lines + (add or [])) + "\n"


VOXEL = ["fields D A B", "singles X", "layer share", "column s", "D' = -k*D",
         "A' = near(D)*D - a*A + s*beside(there(A) - A)",
         "B' = A*(1 - B) - b*B", "X' = mean(A)*(1 - X)"]


class Voxels(Case):
    """The mode that makes the reactions of one voxel; what it makes of the program's own table is held by
    tests/test_patch.c, against the column."""

    def make(self, lines):
        path, output = self.folder / "toy.eq", self.folder / "voxel.h"
        output.unlink(missing_ok=True)
        path.write_text("\n".join(lines) + "\n")
        done = subprocess.run([sys.executable, GENERATOR, path, "voxel", output], text=True,
                              capture_output=True, check=False)
        return done.returncode, done.stderr.strip(), output

    def changed(self, place, line):
        return [line if i == place else old for i, old in enumerate(VOXEL)]

    def test_who_decays_who_drives_and_who_follows(self):
        status, message, output = self.make(VOXEL)
        self.assertEqual((status, message), (0, ""))
        text = output.read_text()
        self.assertIn("enum { VOXEL_D, VOXEL_A, VOXEL_B, VOXEL_X, VOXEL_FIELDS };", text)
        self.assertIn("VOXEL_CLOSED = 1, VOXEL_DIFFUSING = 1, VOXEL_DRIVERS = 1, VOXEL_FOLLOWERS = 2", text)
        self.assertIn("at->near_D", text)
        self.assertNotIn("q->s;", text)  # what comes from beside is not a reaction

    def test_followers_are_linear(self):
        status, message, _ = self.make(self.changed(6, "B' = A*(1 - B)*B - b*B"))
        self.assertNotEqual(status, 0)
        self.assertIn("toy.eq:7: not linear in B", message)

    def test_a_loss_is_linear_in_its_field(self):
        status, message, _ = self.make(self.changed(5, "A' = near(D)*D - a*A^2 + s*beside(there(A) - A)"))
        self.assertNotEqual(status, 0)
        self.assertIn("toy.eq:6: a loss is not linear in its field", message)

    def test_fields_come_in_their_order(self):
        status, message, _ = self.make(["fields B D A"] + VOXEL[1:])
        self.assertNotEqual(status, 0)
        self.assertIn("fields of a voxel come in the order D A B X", message)

    def test_near_takes_a_field_of_a_field(self):
        for line in ("A' = near(k)*D - a*A + s*beside(there(A) - A)", "A' = near(D + A)*D - a*A + s*beside(there(A) - A)"):
            status, message, _ = self.make(self.changed(5, line))
            self.assertNotEqual(status, 0)
            self.assertIn("toy.eq:6: near() takes the name of a field", message)

    def test_near_is_the_field_itself_in_a_layer(self):
        without = [line.replace("near(D)", "D") for line in VOXEL]
        made = []
        for lines in (VOXEL, without):
            status, message, output = generate(self.folder, "\n".join(lines) + "\n", "plain")
            self.assertEqual((status, message), (0, ""))
            made.append(output.read_text())
        self.assertEqual(*made)


class Refusals(Case):
    def test_the_good_table_is_taken(self):
        for mode in MODES:
            status, message, output = generate(self.folder, table(), mode)
            self.assertEqual((status, message), (0, ""))
            self.assertTrue(output.exists())

    def refused(self, text, mode, line, *words):
        status, message, output = generate(self.folder, text, mode)
        self.assertNotEqual(status, 0, f"{mode}: taken")
        self.assertNotIn("Traceback", message, f"{mode}: a crash, not a sentence")
        place = f"toy.eq:{line}: " if line else "toy.eq:"
        self.assertIn(place, message, mode)
        for word in words:
            self.assertIn(word, message, mode)
        self.assertEqual(len(message.splitlines()), 1, message)
        self.assertFalse(output.exists(), f"{mode}: an output was left")

    def test_faults_are_named_with_their_line_in_both_modes(self):
        rows = [
            ("a rate of nothing", table(add=["Z' = 1"]), 6, "Z", "neither a field nor a single"),
            ("a rate twice", table(add=["A' = A"]), 6, "A twice"),
            ("a rate of a single twice", table(add=["X' = 1"]), 6, "X twice"),
            ("an abbreviation twice", table(add=["H = A", "H = A"]), 7, "H twice"),
            ("an operand missing", table({2: "A' = -A +"}), 3, "invalid syntax"),
            ("a bracket open", table({2: "A' = (-A"}), 3, "never closed"),
            ("no equation", table({3: "B' k*A"}), 4, "expected NAME"),
            ("an unknown list", table(add=["single Q"]), 6, "expected NAME"),
            ("power 0", table({3: "B' = A^0"}), 4, "powers must be whole"),
            ("power -1", table({3: "B' = A^-1"}), 4, "powers must be whole"),
            ("power 2.5", table({3: "B' = A^2.5"}), 4, "powers must be whole"),
            ("power of a name", table({3: "B' = A^k"}), 4, "powers must be whole"),
            ("an unknown function", table({3: "B' = exp(A)"}), 4, "no function exp"),
            ("two arguments", table({3: "B' = max0(A, 1)"}), 4, "max0() takes one thing"),
            ("a text", table({3: "B' = 'k'*A"}), 4, "k is no number"),
            ("a member", table({3: "B' = A.k"}), 4, "cannot read"),
            ("a comparison", table({3: "B' = A < k"}), 4, "cannot read"),
        ]
        for name, text, line, *words in rows:
            for mode in MODES:
                with self.subTest(name, mode=mode):
                    self.refused(text, mode, line, *words)

    def test_a_missing_rate_is_named(self):
        for mode in MODES:
            self.refused("\n".join(GOOD[:3] + GOOD[4:]) + "\n", mode, None, "no rate of B")

    def test_there_stands_inside_of_beside(self):
        self.refused(table({3: "B' = there(A)"}), "lanes", 4, "there(NAME)", "beside()")
        self.refused(table({3: "B' = beside(there(2*A))"}), "lanes", 4, "name of a field")
        self.refused(table({3: "B' = beside(there(A)) + there(A)"}), "lanes", 4, "there(NAME)")

    def test_no_field_depends_on_a_single(self):
        self.refused(table({3: "B' = X*A"}), "plain", None, "field must not depend on a single")
        self.refused(table({3: "B' = H*A"}, ["H = 2*X"]), "plain", None, "must not depend")
        self.refused(table({3: "B' = beside(X*there(A))"}), "plain", None, "must not depend")

    def test_a_field_in_a_single_has_no_layer(self):
        self.refused(table({4: "X' = A"}), "lanes", 5, "A has a value in each layer")

    def test_functions_of_singles_take_a_field_where_they_must(self):
        self.refused(table({4: "X' = top(2*A)"}), "plain", 5, "top() takes the name of a field")

    def test_a_wrong_command_line_is_refused(self):
        for words in ([], [TABLE], [TABLE, "other", "x"], [TABLE, "lanes", "x"]):
            done = subprocess.run([sys.executable, GENERATOR, *words], text=True, cwd=self.folder,
                                  capture_output=True, check=False)
            self.assertNotEqual(done.returncode, 0, words)
            self.assertIn("usage:", done.stderr)

    def test_a_parameter_nobody_knows_stops_the_compiler_by_its_name(self):
        """With the program's own header, and in both forms."""
        vectors = ("typedef double lanes __attribute__((vector_size(16)));\n"
                   "#define LANES_MAX0(x) (x)\n#define LANES_STEP(x) (x)\n")
        for wrong in (False, True):
            text = TABLE.read_text()
            text = text.replace("k_D*D", "k_nobody*D") if wrong else text
            self.assertEqual(wrong, "k_nobody" in text)
            for mode in MODES:
                status, message, output = generate(self.folder, text, mode)
                self.assertEqual(status, 0, message)
                (self.folder / "one.c").write_text(f'{vectors}#include "{output.name}"\n')
                made = subprocess.run(
                    [*CC, "-std=gnu17", "-fsyntax-only", "-w", "-I", ROOT / "include", "-I",
                     BUILD / "include", self.folder / "one.c"],
                    text=True, capture_output=True, check=False)
                self.assertEqual(made.returncode != 0, wrong, made.stderr)
                if wrong:
                    self.assertRegex(made.stderr, r"error.*k_nobody")

    # What is refused now, but by a crash, without a line, or in one mode only. When this passes, its
    # rows belong above.
    def test_these_faults_deserve_a_better_sentence(self):
        rows = [
            ("a missing rate", "\n".join(GOOD[:3] + GOOD[4:]) + "\n", 1),
            ("a field that depends on a single", table({3: "B' = X*A"}), 4),
            ("there() outside", table({3: "B' = there(A)"}), 4),
            ("there() of a term", table({3: "B' = beside(there(2*A))"}), 4),
            ("an abbreviation of itself", table({3: "B' = H"}, ["H = H + A"]), 6),
            ("abbreviations in a circle", table({3: "B' = H"}, ["H = Q", "Q = H"]), 7),
            ("a division by 0", table({3: "B' = A/0"}), 4),
            ("a field in a single", table({4: "X' = A"}), 5),
            ("beside() in a single", table({4: "X' = beside(there(A))"}), 5),
            ("deepest() in a single", table({4: "X' = deepest(k)"}), 5),
            ("a mean in a field", table({3: "B' = mean(A)"}), 4),
            ("a layer's number in a single", table({4: "X' = v - X"}, ["layer v"]), 5),
            ("an unknown function in an abbreviation", table({3: "B' = H"}, ["H = exp(A)"]), 6),
            ("an unknown function nobody uses", table(add=["H = exp(A)"]), 6),
            ("max0 of a number", table({3: "B' = max0(2 - 1)*A"}), 4),
            ("a number beyond all", table({3: "B' = 1e999*A"}), 4),
        ]
        for name, text, line in rows:
            for mode in MODES:
                with self.subTest(name, mode=mode):
                    self.refused(text, mode, line)

    def test_a_name_stands_for_one_thing(self):
        """A second meaning is refused, not left out in silence."""
        rows = [
            ("an abbreviation with the name of a field", table(add=["A = 3*k"]), 6),
            ("an abbreviation with the name of a single", table(add=["X = 3*k"]), 6),
            ("a field twice", table({0: "fields A B A"}), 1),
            ("a field and a single", table({1: "singles X A"}), 2),
            ("fields said twice", table({1: "singles X"}, ["fields A B"]), 6),
            ("a field that is also a layer's number", table(add=["layer A"]), 6),
        ]
        for name, text, line in rows:
            for mode in MODES:
                with self.subTest(name, mode=mode):
                    self.refused(text, mode, line)


# ---- loud or right -----------------------------------------------------------------------------------


class LoudOrRight(Case):
    """What the table's own description neither shows nor forbids: it is refused, or the C is right.
    A right side that silently lacks a term is the worst that can happen here."""

    def loud_or_right(self, text, rate, parameters=("k",), single=lambda a: -a.X):
        model = Model(text, list(parameters), {"A": rate}, {"X": single})
        try:
            self.check(model, 3)
        except Loud:
            pass

    def test_beside_in_an_abbreviation(self):
        self.loud_or_right("fields A\nsingles X\nH = beside(there(A) - A)\nA' = k*H\nX' = -X\n",
                           lambda a: a.k * a.beside(lambda b: b.A - a.A))

    def test_there_in_an_abbreviation(self):
        self.loud_or_right("fields A\nsingles X\nH = there(A) - A\nA' = k*beside(H)\nX' = -X\n",
                           lambda a: a.k * a.beside(lambda b: b.A - a.A))

    def test_an_abbreviation_inside_of_beside(self):
        self.loud_or_right("fields A\nsingles X\nH = A^2\nA' = beside(there(A) - H)\nX' = k - X\n",
                           lambda a: a.beside(lambda b: b.A - a.A**2), single=lambda a: a.k - a.X)

    def test_a_term_beside_beside_in_a_product(self):
        self.loud_or_right("fields A\nsingles X\nA' = k*A*(1 + beside(there(A) - A))\nX' = -X\n",
                           lambda a: a.k * a.A * (1 + a.beside(lambda b: b.A - a.A)))

    def test_a_term_beside_beside_behind_a_minus(self):
        self.loud_or_right("fields A\nsingles X\nA' = -(k*A + beside(there(A) - A))\nX' = -X\n",
                           lambda a: -(a.k * a.A + a.beside(lambda b: b.A - a.A)))

    def test_a_power_of_beside(self):
        self.loud_or_right("fields A\nsingles X\nA' = k*beside(there(A))^2\nX' = -X\n",
                           lambda a: a.k * a.beside(lambda b: b.A) ** 2)

    def test_max0_of_beside(self):
        self.loud_or_right("fields A\nsingles X\nA' = max0(k - beside(there(A)))\nX' = -X\n",
                           lambda a: max0(a.k - a.beside(lambda b: b.A)))

    def test_a_division_by_beside(self):
        self.loud_or_right("fields A\nsingles X\nA' = A/(k + beside(there(A)))\nX' = -X\n",
                           lambda a: a.A / (a.k + a.beside(lambda b: b.A)))

    def test_beside_in_beside(self):
        self.loud_or_right("fields A\nsingles X\nA' = k*beside(beside(there(A)))\nX' = -X\n",
                           lambda a: a.k * a.beside(lambda _: a.beside(lambda b: b.A)))

    def test_deepest_of_beside(self):
        self.loud_or_right("fields A\nsingles X\nA' = k*deepest(beside(there(A)))\nX' = -X\n",
                           lambda a: a.k * a.deepest(a.beside(lambda b: b.A)))

    def test_deepest_in_beside(self):
        self.loud_or_right("fields A\nsingles X\nA' = k*beside(deepest(there(A)))\nX' = -X\n",
                           lambda a: a.k * a.beside(lambda b: a.deepest(b.A)))

    def test_a_name_with_beside_in_it(self):
        self.loud_or_right("fields A\nsingles X\nA' = -k_beside*A\nX' = -X\n",
                           lambda a: -a.k_beside * a.A, ["k_beside"])

    def test_top_in_a_field(self):
        self.loud_or_right("fields A\nsingles X\nA' = k*top(A) - A\nX' = -X\n",
                           lambda a: a.k * a.top(lambda l: l.A) - a.A)

    def test_a_mean_in_a_field(self):
        self.loud_or_right("fields A\nsingles X\nA' = k*mean(A) - A\nX' = -X\n",
                           lambda a: a.k * a.mean(lambda l: l.A) - a.A)

    def test_deepest_in_a_single(self):
        self.loud_or_right("fields A\nsingles X\nA' = -A\nX' = deepest(k) - X\n", lambda a: -a.A,
                           single=lambda a: a.k - a.X)

    def test_a_mean_of_a_mean(self):
        self.loud_or_right("fields A\nsingles X\nA' = -A\nX' = mean(A*mean(k*A)) - X\n",
                           lambda a: -a.A, single=lambda a: a.mean(
                               lambda l: l.A * a.mean(lambda m: a.k * m.A)) - a.X)

    def test_a_single_in_a_mean(self):
        self.loud_or_right("fields A\nsingles X\nA' = -A\nX' = mean(k*A*X)\n", lambda a: -a.A,
                           single=lambda a: a.mean(lambda l: a.k * l.A * a.X))

    def test_top_in_a_mean(self):
        self.loud_or_right("fields A\nsingles X\nA' = -A\nX' = mean(k*A*top(A))\n", lambda a: -a.A,
                           single=lambda a: a.mean(lambda l: a.k * l.A * a.top(lambda m: m.A)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
