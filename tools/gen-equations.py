#!/usr/bin/env python3
"""Makes C from an equation table (data/equations/*.eq): the right side, its Jacobian, its factorisation.

usage: gen-equations.py EQUATIONS plain OUTPUT.h
       gen-equations.py EQUATIONS lanes LAYERS OUTPUT.h
       gen-equations.py EQUATIONS voxel OUTPUT.h

`plain` writes functions for any number of layers, with loops: the right side and the blocks of the
Jacobian. `lanes` writes straight-line code for one number of layers and many systems at once: what a
Rosenbrock method needs of (c I - J), factored without pivoting in an order of least fill. `voxel` writes the
reactions of one voxel of tissue in which fields diffuse by other means: without what comes from beside.

Expressions become a graph in which equal terms are one node; derivatives are taken on it."""
import ast
import re
import sys


# ---- expressions as a graph of shared nodes ------------------------------------------------------

class Graph:
    """Nodes are tuples (operation, operands...), numbered; the same tuple is the same number."""

    def __init__(self):
        self.nodes, self.numbers, self.slopes = [], {}, {}

    def node(self, *key):
        if key not in self.numbers:
            self.numbers[key] = len(self.nodes)
            self.nodes.append(key)
        return self.numbers[key]

    def constant(self, value):
        return self.node('constant', float(value))

    def symbol(self, *name):
        return self.node('symbol', *name)

    def value(self, a):
        return self.nodes[a][1] if self.nodes[a][0] == 'constant' else None

    def add(self, a, b):
        if self.value(a) == 0: return b
        if self.value(b) == 0: return a
        if self.nodes[b][0] == 'negative': return self.subtract(a, self.nodes[b][1])
        if self.nodes[a][0] == 'negative': return self.subtract(b, self.nodes[a][1])
        if None not in (self.value(a), self.value(b)): return self.constant(self.value(a) + self.value(b))
        return self.node('add', a, b)

    def subtract(self, a, b):
        if a == b: return self.constant(0)
        if self.value(b) == 0: return a
        if self.value(a) == 0: return self.negative(b)
        if self.nodes[b][0] == 'negative': return self.add(a, self.nodes[b][1])
        if None not in (self.value(a), self.value(b)): return self.constant(self.value(a) - self.value(b))
        return self.node('subtract', a, b)

    def negative(self, a):
        if self.value(a) is not None: return self.constant(-self.value(a))
        if self.nodes[a][0] == 'negative': return self.nodes[a][1]
        if self.nodes[a][0] == 'subtract': return self.subtract(self.nodes[a][2], self.nodes[a][1])
        return self.node('negative', a)

    def multiply(self, a, b):
        if 0 in (self.value(a), self.value(b)): return self.constant(0)
        if self.value(a) == 1: return b
        if self.value(b) == 1: return a
        if None not in (self.value(a), self.value(b)): return self.constant(self.value(a) * self.value(b))
        for x, y in ((a, b), (b, a)):
            if (self.value(x) or 0) < 0: return self.negative(self.multiply(self.constant(-self.value(x)), y))
        if self.nodes[a][0] == 'negative': return self.negative(self.multiply(self.nodes[a][1], b))
        if self.nodes[b][0] == 'negative': return self.negative(self.multiply(a, self.nodes[b][1]))
        return self.node('multiply', min(a, b), max(a, b))

    def inverse(self, a):
        if self.value(a) is not None: return self.constant(1 / self.value(a))
        return self.node('inverse', a)

    def divide(self, a, b):
        return self.multiply(a, self.inverse(b))

    def power(self, a, n):
        result = a
        for _ in range(n - 1): result = self.multiply(result, a)
        return result

    def max0(self, a):
        return self.node('max0', a)

    def operands(self, a):
        return () if self.nodes[a][0] in ('constant', 'symbol') else self.nodes[a][1:]

    def slope(self, a, s):
        """Derivative of node a by symbol s."""
        if a == s: return self.constant(1)
        if (a, s) not in self.slopes: self.slopes[a, s] = self.slope_of(a, s)
        return self.slopes[a, s]

    def slope_of(self, a, s):
        kind, operands = self.nodes[a][0], self.operands(a)
        inner = [self.slope(x, s) for x in operands]
        if all(self.value(x) == 0 for x in inner): return self.constant(0)
        if kind == 'add': return self.add(*inner)
        if kind == 'subtract': return self.subtract(*inner)
        if kind == 'negative': return self.negative(inner[0])
        if kind == 'multiply':
            return self.add(self.multiply(inner[0], operands[1]), self.multiply(operands[0], inner[1]))
        if kind == 'inverse': return self.negative(self.multiply(self.multiply(a, a), inner[0]))
        if kind == 'max0': return self.multiply(self.node('step', operands[0]), inner[0])
        raise SystemExit(f'no derivative of {kind}')


# ---- the table ---------------------------------------------------------------------------------

class Table:
    """What the file says, held against what can be said."""

    KINDS = ('fields', 'singles', 'layer', 'column')

    def __init__(self, path):
        self.path = path
        self.fields, self.singles, self.layer, self.column = [], [], [], []
        self.lets, self.rates = {}, {}
        self.known, self.said = {}, {}  # name -> what it is; name or kind -> where
        try:
            lines = open(path, encoding='utf-8').read().split('\n')
        except OSError as fault:
            raise SystemExit(f'{path}: {fault.strerror}') from None
        for number, line in enumerate(lines, 1):
            line = line.split('#')[0].strip()
            if line: self.read(line, f'{path}:{number}')
        for name in self.fields + self.singles:
            if name not in self.rates: raise SystemExit(f'{self.said[name]}: no rate of {name}')
        for name, (tree, where) in self.rates.items():
            Checker(self, where, 'field' if name in self.fields else 'single').rate(tree)
        for name, (tree, where) in self.lets.items():
            Checker(self, where, 'abbreviation', (name,)).walk(tree)

    def name(self, name, kind, where):
        if name in self.known: raise SystemExit(f'{where}: {name} is already {self.known[name]}')
        self.known[name], self.said[name] = kind, where

    def read(self, line, where):
        words = line.split()
        if words[0] in self.KINDS and '=' not in line:
            if words[0] in self.said: raise SystemExit(f'{where}: {words[0]} twice')
            self.said[words[0]] = where
            for name in words[1:]: self.name(name, f'one of {words[0]}', where)
            setattr(self, words[0], words[1:])
            return
        match = re.fullmatch(r"(\w+)\s*('?)\s*=(.*)", line)
        if not match: raise SystemExit(f'{where}: expected NAME = EXPRESSION or NAME\' = EXPRESSION')
        name, prime, text = match.groups()
        if prime and name not in self.fields + self.singles:
            raise SystemExit(f'{where}: {name} is neither a field nor a single')
        try:
            tree = ast.parse(text.strip().replace('^', '**'), mode='eval').body
        except SyntaxError as fault:
            raise SystemExit(f'{where}: {fault.msg}') from None
        if name in (self.rates if prime else self.lets): raise SystemExit(f'{where}: {name} twice')
        if not prime: self.name(name, 'an abbreviation', where)
        (self.rates if prime else self.lets)[name] = (tree, where)


def is_call(tree, name):
    return isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == name


def calls(tree, name):
    return sum(is_call(part, name) for part in ast.walk(tree))


def terms_of(tree, sign=1):
    """The terms of a sum, with their signs."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, (ast.Add, ast.Sub)):
        right = sign if isinstance(tree.op, ast.Add) else -sign
        return terms_of(tree.left, sign) + terms_of(tree.right, right)
    return [(sign, tree)]


class Checker:
    """Refuses, with its line, what either way of writing would take for something else."""

    def __init__(self, table, where, context, within=(), inside=None):
        self.table, self.where, self.context = table, where, context
        self.within, self.inside = within, inside  # abbreviations; the function around

    def fault(self, text):
        raise SystemExit(f'{self.where}: {text}')

    def rate(self, tree):
        for _, term in terms_of(tree):
            if calls(term, 'beside') and not self.is_flux(term):
                self.fault('beside() stands in a term of its own: NUMBER*beside(...)')
        self.walk(tree)

    def is_flux(self, term):
        if is_call(term, 'beside'): return calls(term, 'beside') == 1
        if not (isinstance(term, ast.BinOp) and isinstance(term.op, ast.Mult)): return False
        left, right = calls(term.left, 'beside'), calls(term.right, 'beside')
        return left + right == 1 and self.is_flux(term.left if left else term.right)

    def walk(self, tree):
        if isinstance(tree, ast.Constant):
            if not (isinstance(tree.value, (int, float)) and abs(tree.value) < 1e300):
                self.fault(f'{tree.value} is no number')
        elif isinstance(tree, ast.Name): self.name(tree.id)
        elif isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub): self.walk(tree.operand)
        elif isinstance(tree, ast.BinOp): self.operation(tree)
        elif isinstance(tree, ast.Call): self.call(tree)
        else: self.fault(f'cannot read {ast.unparse(tree)}')

    def operation(self, tree):
        if isinstance(tree.op, ast.Pow):
            power = tree.right
            if not (isinstance(power, ast.Constant) and isinstance(power.value, int) and power.value >= 1):
                self.fault('powers must be whole and at least 1')
        elif not isinstance(tree.op, (ast.Add, ast.Sub, ast.Mult, ast.Div)):
            self.fault(f'cannot read {ast.unparse(tree)}')
        elif isinstance(tree.op, ast.Div) and isinstance(tree.right, ast.Constant) and tree.right.value == 0:
            self.fault('division by 0')
        self.walk(tree.left)
        self.walk(tree.right)

    def name(self, name):
        t = self.table
        per_layer = name in t.fields or name in t.layer
        if self.context == 'single' and per_layer and self.inside is None:
            self.fault(f'{name} has a value in each layer: mean(), top() or bottom() of it')
        if name in t.singles and self.context == 'field':
            self.fault(f'a field must not depend on a single, {name}')
        if name in t.singles and self.inside in ('mean', 'top', 'bottom', 'beside'):
            self.fault(f'{name} has no value in a layer')
        if name in self.within: self.fault(f'{name} is made of itself')
        if name in t.lets:
            tree, where = t.lets[name]
            Checker(t, where, self.context, self.within + (name,), self.inside).walk(tree)

    def call(self, tree):
        name = tree.func.id if isinstance(tree.func, ast.Name) else ast.unparse(tree.func)
        homes = {'max0': None, 'near': 'field', 'there': 'field', 'beside': 'field', 'deepest': 'field', 'mean': 'single',
                 'top': 'single', 'bottom': 'single'}
        if name not in homes: self.fault(f'no function {name}')
        if len(tree.args) != 1 or tree.keywords: self.fault(f'{name}() takes one thing')
        argument = tree.args[0]
        if homes[name] is not None and self.context != homes[name]:
            self.fault(f'{name}() stands in rates of {homes[name]}s')
        if name == 'max0' and isinstance(argument, ast.Constant) or name == 'max0' and not any(
                isinstance(part, ast.Name) for part in ast.walk(argument)):
            self.fault('max0() of a number')
        if name == 'there' and self.inside != 'beside': self.fault('there(NAME) stands inside of beside()')
        if name in ('there', 'top', 'bottom', 'near') and not (
                isinstance(argument, ast.Name) and argument.id in self.table.fields
                or name == 'there' and isinstance(argument, ast.Name) and argument.id in self.table.lets):
            self.fault(f'{name}() takes the name of a field')
        if name in ('mean', 'top', 'bottom', 'beside') and self.inside is not None:
            self.fault(f'{name}() inside of {self.inside}()')
        inside = self.inside if name in ('max0', 'deepest', 'near') else 'beside' if name == 'there' else name
        Checker(self.table, self.where, self.context, self.within, inside).walk(argument)


class Reader:
    """Turns a syntax tree, which a Checker has taken, into a node. `name` says what a plain name is, `call` what a
    function is."""

    def __init__(self, graph, name, call):
        self.graph, self.name, self.call = graph, name, call

    def read(self, tree):
        g = self.graph
        if isinstance(tree, ast.Constant): return g.constant(tree.value)
        if isinstance(tree, ast.Name): return self.name(tree.id)
        if isinstance(tree, ast.UnaryOp): return g.negative(self.read(tree.operand))
        if isinstance(tree, ast.BinOp):
            a = self.read(tree.left)
            if isinstance(tree.op, ast.Pow): return g.power(a, tree.right.value)
            made = {ast.Add: g.add, ast.Sub: g.subtract, ast.Mult: g.multiply, ast.Div: g.divide}
            return made[type(tree.op)](a, self.read(tree.right))
        if tree.func.id == 'max0': return g.max0(self.read(tree.args[0]))
        return self.call(tree.func.id, tree.args[0])


# ---- a model with a fixed number of layers: every state is a symbol ---------------------------------

class Layered:
    def __init__(self, table, layers):
        self.table, self.layers, self.graph = table, layers, Graph()
        self.parameters = []
        self.states = [(f, k) for f in table.fields for k in range(layers)]
        self.states += [(s, None) for s in table.singles]
        self.rates = [self.rate(name, k) for name, k in self.states]

    def state(self, name, k):
        return self.graph.symbol('state', self.states.index((name, k)))

    def coefficient(self, name, k=None):
        key = (name, k)
        if key not in self.parameters: self.parameters.append(key)
        return self.graph.symbol('coefficient', self.parameters.index(key))

    def rate(self, name, k):
        return self.read(self.table.rates[name][0], k, None)

    def read(self, tree, k, beside):
        """In layer k, seen from which the one beside is `beside`."""
        g, t, K = self.graph, self.table, self.layers

        def named(name):
            if name in t.fields: return self.state(name, k)
            if name in t.singles: return self.state(name, None)
            if name in t.lets: return self.read(t.lets[name][0], k, beside)
            if name in t.layer: return self.coefficient(name, k)
            return self.coefficient(name)

        def called(function, argument):
            if function == 'near': return self.read(argument, k, beside)
            if function == 'there': return self.read(argument, beside, None)
            if function == 'beside':
                total = g.constant(0)
                for j in (k - 1, k + 1):
                    if 0 <= j < K: total = g.add(total, self.read(argument, k, j))
                return total
            if function == 'deepest':
                return self.read(argument, k, beside) if k == K - 1 else g.constant(0)
            if function == 'mean':
                total = g.constant(0)
                for j in range(K): total = g.add(total, self.read(argument, j, None))
                return g.multiply(g.constant(1 / K), total)
            return self.read(argument, 0 if function == 'top' else K - 1, None)

        return Reader(g, named, called).read(tree)

    def jacobian(self):
        """{(row, column): node} of the entries that are not zero."""
        g, entries = self.graph, {}
        for i, rate in enumerate(self.rates):
            for j in range(len(self.states)):
                slope = g.slope(rate, g.symbol('state', j))
                if g.value(slope) != 0: entries[i, j] = slope
        return entries


def made_beforehand(graph, roots):
    """The largest terms of coefficients alone: nodes under the roots that depend on no state and not on c,
    and are more than one coefficient."""
    fixed, seen, found = {}, set(), []

    def is_fixed(a):
        if a not in fixed:
            kind = graph.nodes[a]
            fixed[a] = (kind[0] in ('constant',) or kind[:2] == ('symbol', 'coefficient')
                        or kind[0] != 'symbol' and all(is_fixed(x) for x in graph.operands(a)))
        return fixed[a]

    def look(a):
        if a in seen: return
        seen.add(a)
        if is_fixed(a):
            if graph.operands(a) and graph.nodes[a][0] != 'negative' and a not in found: found.append(a)
            elif graph.nodes[a][0] == 'negative': look(graph.operands(a)[0])
            return
        for x in graph.operands(a): look(x)

    for root in roots: look(root)
    return found


def elimination_order(n, entries):
    """Markowitz: next is the diagonal whose row and column make the fewest new entries."""
    rows = {i: {j for (a, j) in entries if a == i} | {i} for i in range(n)}
    order, left = [], set(range(n))
    while left:
        columns = {j: {i for i in left if j in rows[i]} for j in left}
        pivot = min(sorted(left), key=lambda p: (len(rows[p] & left) - 1) * (len(columns[p]) - 1))
        for i in columns[pivot] - {pivot}: rows[i] |= rows[pivot] & left
        left.remove(pivot)
        order.append(pivot)
    return order


class Factors:
    """(c I - J) = D L U by position in the order; L and U have ones on their diagonals, 1/D is kept."""

    def __init__(self, model):
        g, n = model.graph, len(model.states)
        self.model, self.entries = model, model.jacobian()
        order = self.order = elimination_order(n, self.entries)
        place = {state: i for i, state in enumerate(order)}
        matrix = {}
        for (i, j), node in self.entries.items(): matrix[place[i], place[j]] = g.negative(node)
        c = g.symbol('c')
        for i in range(n): matrix[i, i] = g.add(c, matrix.get((i, i), g.constant(0)))
        self.inverse, self.lower, self.upper = [], {}, {}
        for p in range(n):
            inverse = g.inverse(matrix[p, p])
            self.inverse.append(inverse)
            row = [j for j in range(p + 1, n) if (p, j) in matrix]
            column = [i for i in range(p + 1, n) if (i, p) in matrix]
            for j in row: self.upper[p, j] = g.multiply(matrix[p, j], inverse)
            for j in range(p):
                if (p, j) in self.lower: self.lower[p, j] = g.multiply(self.lower[p, j], inverse)
            for i in column: self.lower[i, p] = matrix[i, p]
            for i in column:
                for j in row:
                    taken = g.multiply(matrix[i, p], self.upper[p, j])
                    matrix[i, j] = g.subtract(matrix.get((i, j), g.constant(0)), taken)

    def node(self, kind, key):
        return {'inverse': self.inverse, 'lower': self.lower, 'upper': self.upper}[kind][key]


# ---- writing lanes ------------------------------------------------------------------------------

INVERSES_AT_ONCE = 4


class Writer:
    """Straight-line C for nodes, each once, operands first. Inverses that do not need each other are
    taken together, with one division for up to four: 1/a = b c d / (a b c d)."""

    def __init__(self, graph, symbol, roots=(), beforehand=None):
        self.graph, self.symbol, self.lines, self.names = graph, symbol, [], {}
        self.beforehand = beforehand or {}  # node -> C of where it already is
        self.together = self.group_inverses(roots)

    def group_inverses(self, roots):
        levels, waiting = {a: 0 for a in self.beforehand}, {}

        def level(a):
            if a not in levels:
                levels[a] = max([level(x) for x in self.graph.operands(a)], default=0)
                if self.graph.nodes[a][0] == 'inverse':
                    waiting.setdefault(levels[a], []).append(a)
                    levels[a] += 1
            return levels[a]

        sys.setrecursionlimit(10000)
        for root in roots: level(root)
        groups = {}
        for nodes in waiting.values():
            for i in range(0, len(nodes), INVERSES_AT_ONCE):
                group = nodes[i:i + INVERSES_AT_ONCE]
                if len(group) > 1: groups.update({a: group for a in group})
        return groups

    def write_together(self, group):
        """Products from the left; one division; then back from the right."""
        x = [self.names[self.graph.operands(a)[0]] for a in group]
        product = [x[0]]
        for i in range(1, len(group)):
            product.append(f'p{group[i]}')
            self.lines.append(f'    const lanes p{group[i]} = {product[i - 1]} * {x[i]};')
        rest = f'd{group[0]}'
        # A product beyond all numbers must not pass for an inverse of 0: infinity times 0 is no number.
        self.lines.append(f'    const lanes {rest} = 1.0 / {product[-1]} + 0.0 * {product[-1]};')
        for i in range(len(group) - 1, 0, -1):
            self.lines.append(f'    const lanes x{group[i]} = {rest} * {product[i - 1]};')
            self.names[group[i]] = f'x{group[i]}'
            following = f'd{group[i]}' if i > 1 else f'x{group[0]}'
            self.lines.append(f'    const lanes {following} = {rest} * {x[i]};')
            rest = following
        self.names[group[0]] = rest

    def name(self, a):
        g = self.graph
        stack = [a]
        while stack:
            top = stack[-1]
            if top in self.names:
                stack.pop()
                continue
            group = self.together.get(top, [top])
            waiting = [x for member in group for x in g.operands(member) if x not in self.names]
            if top not in self.beforehand and waiting:
                stack.extend(reversed(waiting))
                continue
            if top in self.together: self.write_together(group)
            else: self.names[top] = self.write(top)
            stack.pop()
        return self.names[a]

    def write(self, a):
        if a in self.beforehand:
            self.lines.append(f'    const lanes x{a} = {self.beforehand[a]};')
            return f'x{a}'
        kind = self.graph.nodes[a][0]
        x = [self.names[o] for o in self.graph.operands(a)]
        if kind == 'constant': return self.literal(self.graph.nodes[a][1])
        if kind == 'symbol': text = self.symbol(*self.graph.nodes[a][1:])
        elif kind == 'add': text = f'{x[0]} + {x[1]}'
        elif kind == 'subtract': text = f'{x[0]} - {x[1]}'
        elif kind == 'multiply': text = f'{x[0]} * {x[1]}'
        elif kind == 'negative': text = f'-{x[0]}'
        elif kind == 'inverse': text = f'1.0 / {x[0]}'
        elif kind == 'max0': text = f'LANES_MAX0({x[0]})'
        elif kind == 'step': text = f'LANES_STEP({x[0]})'
        name = f'x{a}'
        self.lines.append(f'    const lanes {name} = {text};')
        return name

    def literal(self, value):
        return repr(value)


def c_coefficient(table, name, layer):
    if name in table.layer: return f'{name}[{layer}]'
    if name in table.column: return name
    return f'kinetics.{name}'


HEAD = '/* Made by tools/gen-equations.py from {source}: do not edit. */\n#include <cit/healing.h>\n\n'


def write_lanes(table, layers, out):
    model = Layered(table, layers)
    g, n = model.graph, len(model.states)
    factors = Factors(model)
    stored = [('inverse', i) for i in range(n)]
    stored += [('lower', key) for key in factors.lower] + [('upper', key) for key in factors.upper]
    slot = {key: i for i, key in enumerate(stored)}

    def symbol(kind, *rest):
        if kind == 'state': return f'y[{rest[0]}]'
        if kind == 'coefficient': return f'q[{rest[0]}]'
        return 'c[0]'

    def forward(lines, i, by_place, known):
        terms = ''.join(f' - {known("lower", (i, j))} * {by_place[j]}'
                        for j in range(i) if (i, j) in factors.lower)
        lines.append(f'    const lanes s{i} = {known("inverse", i)} * {by_place[i]}{terms};')
        by_place[i] = f's{i}'

    def backward(lines, by_place):
        for i in reversed(range(n)):
            terms = ''.join(f' - w[{slot["upper", (i, j)]}] * {by_place[j]}'
                            for j in reversed(range(i + 1, n)) if (i, j) in factors.upper)
            if terms:
                lines.append(f'    const lanes b{i} = s{i}{terms};')
                by_place[i] = f'b{i}'
            lines.append(f'    k[{factors.order[i]}] = {by_place[i]};')

    roots = model.rates + factors.inverse + list(factors.lower.values()) + list(factors.upper.values())
    terms = made_beforehand(g, roots)
    plain_count = len(model.parameters)
    beforehand = {node: f'q[{plain_count + i}]' for i, node in enumerate(terms)}
    out.append(f'enum {{ COLUMN_LANES_STATES = {n}, COLUMN_LANES_COEFFICIENTS = '
               f'{plain_count + len(terms)}, COLUMN_LANES_WORK = {len(stored)}, '
               f'COLUMN_LANES_LAYERS = {layers} }};\n')

    first = Writer(g, symbol, roots, beforehand)
    places = [model.rates[state] for state in factors.order]
    for i in range(n):
        keys = [('inverse', i)] + [('lower', k) for k in factors.lower if k[0] == i]
        keys += [('upper', k) for k in factors.upper if k[0] == i]
        made = {key: first.name(factors.node(*key)) for key in keys}
        for key in keys: first.lines.append(f'    w[{slot[key]}] = {lane_value(made[key])};')
        places[i] = first.name(places[i])
        forward(first.lines, i, places, lambda kind, key: made[kind, key])
    backward(first.lines, places)
    text = [f'/* w: the factors of (c I - J(y)), {len(factors.entries)} entries of J, '
            f'{len(stored)} of L and U; k = (c I - J)^-1 f(y). */',
            'static void column_lanes_first(const lanes *restrict q, const lanes *restrict y, '
            'const lanes *restrict c, lanes *restrict w, lanes *restrict k) {']
    text += first.lines + ['}\n']

    later = Writer(g, symbol, model.rates, beforehand)
    places = []
    for i, state in enumerate(factors.order):
        rate = later.name(model.rates[state])
        later.lines.append(f'    const lanes r{i} = k[{state}] + {rate};')
        places.append(f'r{i}')
        forward(later.lines, i, places, lambda kind, key: f'w[{slot[kind, key]}]')
    backward(later.lines, places)
    text += ['/* k = (c I - J)^-1 (k + f(y)). */',
             'static void column_lanes_later(const lanes *restrict q, const lanes *restrict y, '
             'const lanes *restrict w, lanes *restrict k) {']
    text += later.lines + ['}\n']

    text += ['/* What the right side reads of a column, in the order of q. */',
             'static inline void column_lanes_coefficients(const cit_column *restrict column, '
             'double *restrict q, int stride) {']
    text += [f'    q[{i} * stride] = column->{c_coefficient(table, *p)};'
             for i, p in enumerate(model.parameters)]
    before = PlainWriter(g, lambda kind, i: f'q[{i} * stride]')
    for i, node in enumerate(terms):
        before.lines.append(f'    q[{plain_count + i} * stride] = {before.name(node)};')
    text += before.lines + ['}']
    out += text


def lane_value(text):
    """A constant stored needs to be a vector."""
    return f'(lanes){{0}} + {text}' if re.fullmatch(r'-?[\d.e-]+', text) else text


# ---- writing plain -------------------------------------------------------------------------------

class AnyLayers:
    """Symbols for one layer, the one beside it, and the sums over layers that singles need."""

    def __init__(self, table):
        self.table, self.graph = table, Graph()
        self.sums = []  # nodes whose mean over layers singles use
        self.local = {f: self.field(f) for f in table.fields}
        self.flux = {}
        for f in table.fields: self.flux[f] = self.field_beside(f)
        self.single = {s: self.read(table.rates[s][0], 'single') for s in table.singles}

    def read(self, tree, mode, place='here'):
        g, t = self.graph, self.table

        def named(name):
            if name in t.fields: return g.symbol(place, t.fields.index(name))
            if name in t.singles: return g.symbol('single', t.singles.index(name))
            if name in t.lets: return self.read(t.lets[name][0], mode, place)
            if name in t.layer and place == 'there': return g.symbol('coefficient there', name)
            return g.symbol('coefficient', name)

        def called(function, argument):
            if function == 'near': return self.read(argument, mode, place)
            if function == 'there': return self.read(argument, mode, 'there')
            if function == 'beside': return self.read(argument, mode) if mode == 'beside' else g.constant(0)
            if function == 'deepest': return g.multiply(g.symbol('deepest'), self.read(argument, mode, place))
            if function == 'mean':
                node = self.read(argument, mode)
                if node not in self.sums: self.sums.append(node)
                return g.symbol('mean', self.sums.index(node))
            return g.symbol(function, t.fields.index(argument.id))

        return Reader(g, named, called).read(tree)

    def field(self, f):
        return self.read(self.table.rates[f][0], 'local')

    def field_beside(self, f):
        """What one neighbour adds to the rate: the rate with it less the rate without."""
        g = self.graph
        terms = [t for t in terms_of(self.table.rates[f][0]) if calls(t[1], 'beside')]
        total = g.constant(0)
        for sign, term in terms:
            node = self.read(term, 'beside')
            total = g.add(total, node) if sign > 0 else g.subtract(total, node)
        return total


class PlainWriter(Writer):
    def write(self, a):
        text = super().write(a)
        if self.lines and self.lines[-1].startswith('    const lanes'):
            self.lines[-1] = self.lines[-1].replace('const lanes', 'const double')
            self.lines[-1] = re.sub(r'LANES_MAX0\((\w+)\)', r'(\1 > 0 ? \1 : 0)', self.lines[-1])
            self.lines[-1] = re.sub(r'LANES_STEP\((\w+)\)', r'(\1 > 0 ? 1.0 : 0.0)', self.lines[-1])
        return text


def write_plain(table, out):
    model = AnyLayers(table)
    g, F, S = model.graph, len(table.fields), len(table.singles)

    def symbol(kind, *rest):
        if kind == 'here': return f'y[{rest[0]} * K + k]'
        if kind == 'there': return f'y[{rest[0]} * K + j]'
        if kind == 'top': return f'y[{rest[0]} * K]'
        if kind == 'bottom': return f'y[{rest[0]} * K + K - 1]'
        if kind == 'single': return f'y[{F} * K + {rest[0]}]'
        if kind == 'mean': return f'means[{rest[0]}]'
        if kind == 'deepest': return '(k == K - 1 ? 1.0 : 0.0)'
        if kind == 'coefficient there': return 'column->' + c_coefficient(table, rest[0], 'j')
        if kind == 'share': return '(1.0 / K)'
        return 'column->' + c_coefficient(table, rest[0], 'k')

    def function(signature, writer):
        arguments = re.findall(r'(\w+)(?:\[\d+\])?[,)]', signature)
        out.extend([signature + ' {', '    ' + ' '.join(f'(void){a};' for a in arguments)])
        out.extend(writer.lines + ['}\n'])

    out.append(f'enum {{ COLUMN_FIELDS = {F}, COLUMN_SINGLES = {S}, COLUMN_MEANS = {len(model.sums)} }};\n')
    head = 'const cit_column *restrict column, const double *restrict y, const int K'

    w = PlainWriter(g, symbol)
    for i, f in enumerate(table.fields): w.lines.append(f'    rates[{i}] = {w.name(model.local[f])};')
    for i, node in enumerate(model.sums): w.lines.append(f'    sums[{i}] += {w.name(node)};')
    out.append('/* Rates of layer k without its neighbours, and its share of the sums that singles need. */')
    function(f'static inline void column_layer_rates({head}, const int k, double rates[{F}], '
             f'double sums[{max(1, len(model.sums))}])', w)

    w = PlainWriter(g, symbol)
    for i, f in enumerate(table.fields):
        if g.value(model.flux[f]) != 0: w.lines.append(f'    rates[{i}] += {w.name(model.flux[f])};')
    out.append('/* What layer j adds to the rates of layer k beside it. */')
    function(f'static inline void column_beside_rates({head}, const int k, const int j, '
             f'double rates[{F}])', w)

    w = PlainWriter(g, symbol)
    for i, s in enumerate(table.singles): w.lines.append(f'    rates[{i}] = {w.name(model.single[s])};')
    function(f'static inline void column_single_rates({head}, const double *restrict means, '
             f'double rates[{S}])', w)

    def block(rows, kind, size, name, sign):
        """Statements that add the slopes of rows by symbols of a kind to name[row][column]."""
        w = PlainWriter(g, symbol)
        for i, node in enumerate(rows):
            for j in range(size):
                slope = g.slope(node, g.symbol(kind, j))
                if g.value(slope) != 0: w.lines.append(f'    {name}[{i} * {size} + {j}] {sign} {w.name(slope)};')
        return w

    out.append('/* Adds J of layer k by itself, without its neighbours. */')
    local = [model.local[f] for f in table.fields]
    flux = [model.flux[f] for f in table.fields]
    function(f'static inline void column_layer_slopes({head}, const int k, double *restrict J)',
             block(local, 'here', F, 'J', '+='))
    out.append('/* The same of what layer j adds to layer k: by k itself (here) and by j (there). */')
    w = block(flux, 'here', F, 'here', '+=')
    for i, node in enumerate(flux):
        for j in range(F):
            slope = g.slope(node, g.symbol('there', j))
            if g.value(slope) != 0: w.lines.append(f'    there[{i} * {F} + {j}] += {w.name(slope)};')
    function(f'static inline void column_beside_slopes({head}, const int k, const int j, '
             'double *restrict here, double *restrict there)', w)

    out.append('/* Adds J of the singles by the fields of layer k. */')
    w = PlainWriter(g, symbol)
    for i, s in enumerate(table.singles):
        for j in range(F):
            total = g.constant(0)
            for m, node in enumerate(model.sums):
                outer = g.slope(model.single[s], g.symbol('mean', m))
                inner = g.slope(node, g.symbol('here', j))
                total = g.add(total, g.multiply(g.multiply(g.symbol('share'), outer), inner))
            for place, condition in (('top', 'k == 0'), ('bottom', 'k == K - 1')):
                slope = g.slope(model.single[s], g.symbol(place, j))
                if g.value(slope) != 0:
                    w.lines.append(f'    if ({condition}) J[{i} * {F} + {j}] += {w.name(slope)};')
            if g.value(total) != 0: w.lines.append(f'    J[{i} * {F} + {j}] += {w.name(total)};')
    function(f'static inline void column_single_field_slopes({head}, const int k, '
             'const double *restrict means, double *restrict J)', w)
    singles = [model.single[s] for s in table.singles]
    out.append('/* Adds J of the singles by the singles. */')
    function(f'static inline void column_single_slopes({head}, const double *restrict means, '
             'double *restrict J)', block(singles, 'single', S, 'J', '+='))


# ---- writing voxels ------------------------------------------------------------------------------

def linear_share(graph, node, symbol, where):
    """`loss` where node is loss times the symbol."""
    loss = graph.slope(node, symbol)
    if graph.value(graph.slope(loss, symbol)) != 0: raise SystemExit(f'{where}: a loss is not linear in its field')
    return loss


class Voxel:
    """Fields of a voxel: those of the table, and singles that are averages. `closed` decay by themselves;
    `drivers` are what diffuses and what that depends on; `followers` are the others, linear in each other."""

    def __init__(self, table):
        self.table, self.graph = table, Graph()
        self.names = table.fields + [s for s in table.singles if self.is_average(s)]
        self.rates = {f: self.read(table.rates[f][0], 'here', {}) for f in self.names}
        self.diffusing = [f for f in table.fields if calls(table.rates[f][0], 'beside')]
        self.closed = [f for f in self.names if self.is_closed(f)]
        self.drivers = [f for f in self.names if f in self.needed() and f not in self.closed]
        self.followers = [f for f in self.names if f not in self.drivers + self.closed]
        if not (self.closed and self.drivers and self.followers):
            raise SystemExit(f'{table.path}: a voxel needs fields that decay, that drive and that follow')

    def is_average(self, single):
        tree = self.table.rates[single][0]
        names = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
        return calls(tree, 'mean') > 0 and not (names & {'top', 'bottom', *self.table.column})

    def here(self, f):
        return self.graph.symbol('here', self.names.index(f))

    def read(self, tree, place, places):
        """Each field at `place`, or where `places` says."""
        g, t = self.graph, self.table

        def named(name):
            if name in self.names: return g.symbol(places.get(name, place), self.names.index(name))
            if name in t.lets: return self.read(t.lets[name][0], place, places)
            if name in t.layer: return g.symbol('place', name)
            return g.symbol('coefficient', name)

        def called(function, argument):
            if function in ('beside', 'deepest'): return g.constant(0)
            if function == 'near': return g.symbol('place', f'near_{argument.id}')
            return self.read(argument, place, places)

        return Reader(g, named, called).read(tree)

    def under(self, roots):
        """The roots and all they are made of, in the order of their numbers."""
        seen, stack = set(), list(roots)
        while stack:
            a = stack.pop()
            if a not in seen: stack.extend(self.graph.operands(a))
            seen.add(a)
        return sorted(seen)

    def uses(self, node):
        seen = set(self.under([node]))
        return {f for f in self.names if self.here(f) in seen}

    def is_closed(self, f):
        slope = self.graph.slope(self.rates[f], self.here(f))
        return f not in self.diffusing and self.uses(self.rates[f]) == {f} and self.uses(slope) == set() and \
            self.graph.nodes[self.rates[f]][0] == 'negative'

    def needed(self):
        needed, before = set(self.diffusing), None
        while needed != before:
            before = set(needed)
            for f in before: needed |= self.uses(self.rates[f])
        return needed

    def loss(self, f):
        """What of its rate is lost, a unit of the field."""
        tree, where = self.table.rates[f]
        total = self.graph.constant(0)
        for sign, term in terms_of(tree):
            if sign < 0: total = self.graph.add(total, self.read(term, 'here', {}))
        return linear_share(self.graph, total, self.here(f), where)

    def follower_step(self):
        """The change of followers over a step of 2/c: (c - J)^-1 2 f, with f and J the means of those with the
        drivers before and after."""
        g, n = self.graph, len(self.followers)
        after = {f: 'then' for f in self.drivers}
        half = g.constant(0.5)
        matrix, right, most = {}, [], []
        for i, f in enumerate(self.followers):
            tree, where = self.table.rates[f]
            both = [self.rates[f], self.read(tree, 'here', after)]
            right.append(g.add(*both))
            for j, other in enumerate(self.followers):
                slopes = [g.slope(node, self.here(other)) for node in both]
                if any(self.uses(s) & set(self.followers) for s in slopes):
                    raise SystemExit(f'{where}: not linear in {other}')
                slope = g.multiply(half, g.add(*slopes))
                if g.value(slope) != 0: matrix[i, j] = g.negative(slope)
            most.append(matrix[i, i])
            matrix[i, i] = g.add(g.symbol('c'), matrix[i, i])
        for p in reversed(range(n)):  # from the last, which the others use
            inverse = g.inverse(matrix[p, p])
            for i in range(p):
                if (i, p) not in matrix: continue
                share = g.multiply(matrix[i, p], inverse)
                for j in range(p):
                    if (p, j) in matrix:
                        taken = g.multiply(share, matrix[p, j])
                        matrix[i, j] = g.subtract(matrix.get((i, j), g.constant(0)), taken)
                right[i] = g.subtract(right[i], g.multiply(share, right[p]))
        change = []
        for p in range(n):
            total = right[p]
            for j in range(p):
                if (p, j) in matrix: total = g.subtract(total, g.multiply(matrix[p, j], change[j]))
            change.append(g.multiply(total, g.inverse(matrix[p, p])))
        return change, most


def write_voxel(table, out):
    model = Voxel(table)
    g = model.graph
    coefficients, places = [], []

    def symbol(kind, *rest):
        if kind == 'here': return f'y[{rest[0]}]'
        if kind == 'then': return f'then[{rest[0]}]'
        if kind == 'c': return 'c'
        if kind == 'place': return f'at->{rest[0]}'
        return f'q->{rest[0]}'

    change, most = model.follower_step()
    losses = [model.loss(f) for f in model.drivers]
    fades = [linear_share(g, g.negative(model.rates[f]), model.here(f), f) for f in model.closed]
    for a in model.under([model.rates[f] for f in model.drivers] + losses + change + most):
        if g.nodes[a][:2] == ('symbol', 'coefficient'): coefficients.append(g.nodes[a][2])
        if g.nodes[a][:2] == ('symbol', 'place'): places.append(g.nodes[a][2])

    def listed(prefix, names):
        return ', '.join(prefix + name for name in names)

    fields = model.closed + model.drivers + model.followers
    if fields != model.names:
        raise SystemExit(f'{table.path}: fields of a voxel come in the order {" ".join(fields)}')
    out.append(f'enum {{ {listed("VOXEL_", model.names)}, VOXEL_FIELDS }};')
    out.append(f'enum {{ VOXEL_CLOSED = {len(model.closed)}, VOXEL_DIFFUSING = {len(model.diffusing)}, '
               f'VOXEL_DRIVERS = {len(model.drivers)}, VOXEL_FOLLOWERS = {len(model.followers)} }};\n')
    w = PlainWriter(g, lambda kind, *rest: f'kinetics->{rest[0]}')
    w.lines += [f'    fading[{i}] = {w.name(node)};' for i, node in enumerate(fades)]
    out.append('/* Of the closed fields: u\' = -fading u. */')
    out.append('static inline void voxel_fading(const cit_kinetics *kinetics, double fading[VOXEL_CLOSED]) {')
    out.extend(w.lines + ['}\n', '#ifdef VOXEL_LANES'])
    out.append('/* What all voxels share, and what is a voxel\'s own beside its fields. */')
    out.append('typedef struct voxel_kinetics {\n    lanes ' + ', '.join(coefficients) + ';\n} voxel_kinetics;')
    out.append('typedef struct voxel_place {\n    lanes ' + ', '.join(places) + ';\n} voxel_place;\n')
    out.append('static inline void voxel_kinetics_make(const cit_kinetics *from, voxel_kinetics *q) {')
    out.extend(f'    q->{name} = (real)from->{name} - (lanes){{0}};' for name in coefficients)
    out.append('}\n')

    def function(comment, signature, writer):
        arguments = re.findall(r'(\w+)[,)]', signature.split('voxel_', 1)[1])
        out.extend([f'/* {comment} */', signature + ' {', '    ' + ' '.join(f'(void){a};' for a in arguments)])
        out.extend(re.sub(r'(?<![\w.])(\d+\.\d+(?:e-?\d+)?)(?![\w.])', r'((real)\1)', line)
                   for line in writer.lines)
        out.append('}\n')

    head = ('const voxel_kinetics *restrict q, const voxel_place *restrict at, '
            'const lanes *restrict y')
    inline = 'static inline __attribute__((always_inline)) void '
    roots = [model.rates[f] for f in model.drivers] + losses
    w = Writer(g, symbol, roots)
    for i, f in enumerate(model.drivers): w.lines.append(f'    rate[{i}] = {w.name(model.rates[f])};')
    for i, node in enumerate(losses): w.lines.append(f'    loss[{i}] = {w.name(node)};')
    function('Rates of the drivers without what diffuses, and what of them is lost, a unit of the field.',
             f'{inline}voxel_drive({head}, lanes *restrict rate, lanes *restrict loss)', w)

    w = Writer(g, symbol, change)
    for i, node in enumerate(change): w.lines.append(f'    change[{i}] = {w.name(node)};')
    for i, node in enumerate(most): w.lines.append(f'    most[{i}] = {w.name(node)};')
    function('Change of the followers over a step of 2 / c, at the end of which the drivers are `then`: second '
             'order; what is\n * bounded stays so while c is at least `most`.',
             f'{inline}voxel_follow({head}, const lanes *restrict then, const lanes c, lanes *restrict change, '
             'lanes *restrict most)', w)
    out.append('#endif')


def main():
    if len(sys.argv) == 4 and sys.argv[2] == 'plain':
        table, out, path = Table(sys.argv[1]), [], sys.argv[3]
        write_plain(table, out)
    elif len(sys.argv) == 4 and sys.argv[2] == 'voxel':
        table, out, path = Table(sys.argv[1]), [], sys.argv[3]
        write_voxel(table, out)
    elif len(sys.argv) == 5 and sys.argv[2] == 'lanes' and re.fullmatch('[1-9][0-9]?', sys.argv[3]):
        table, out, path = Table(sys.argv[1]), [], sys.argv[4]
        write_lanes(table, int(sys.argv[3]), out)
    else:
        raise SystemExit(__doc__)
    source = 'data/equations/' + table.path.rsplit('/', 1)[-1]
    with open(path, 'w', encoding='utf-8') as file:
        file.write(HEAD.format(source=source) + '\n'.join(out) + '\n')


main()
