#!/usr/bin/python3
"""The files that `cit plan CASE -o FOLDER` writes for other programs: plan.json against its schema, plan.ics as a
calendar that knows nothing of cit reads it (python3-icalendar).

usage: test_plan_files.py CIT SOURCE_ROOT
"""

import datetime
import functools
import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

import icalendar

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from schemas import faults_of  # noqa: E402
from test_cli import ROOT, cit  # noqa: E402

LEAP, SUMMER = "2028-02-20", "2027-03-20"  # 29 February ahead; a change of the clock ahead
PRIVATE = re.compile(r"scar|needl|acne|skin|derm|microneed|treat|doctor|clinic|care|medic|face|roller|pen\b", re.I)
DAY = datetime.timedelta(days=1)
FOLDER = tempfile.TemporaryDirectory()


@functools.cache
def case_of(person, limits=""):
    """A case file of one of the examples, with these limits."""
    at = pathlib.Path(FOLDER.name) / str(case_of.cache_info().misses) / f"{person}.yaml"
    at.parent.mkdir()
    answers = ROOT / "examples/people" / f"{person}.yaml"
    run = cit("case", "new", at, "--answers", answers, "--all", "--date", "2026-11-21")
    assert at.exists(), run.stderr
    if limits:
        at.write_text(at.read_text() + "limits:\n" + "".join(f"  {line}\n" for line in limits.splitlines()))
    return at


def plan_of(person, start=LEAP, limits="", seed=1, again=0):
    """Exit status, the bytes of each file by its name, and what was said; made once."""
    return planned(person, start, limits, seed, again)


@functools.cache
def planned(person, start, limits, seed, again):
    case = case_of(person, limits)
    out = case.parent / f"plan-{start}-{seed}-{again}"
    run = cit("plan", case, "-o", out, "--draws", 32, "--date", start, "--seed", seed)
    files = {p.name: p.read_bytes() for p in out.iterdir()} if out.exists() else {}
    return run.returncode, files, run.stderr


def json_of(*args, **more):
    return json.loads(plan_of(*args, **more)[1]["plan.json"])


def events_of(*args, **more):
    calendar = icalendar.Calendar.from_ical(plan_of(*args, **more)[1]["plan.ics"])
    return list(calendar.walk("VEVENT"))


def titled(events, title):
    return sorted((e for e in events if str(e["SUMMARY"]) == title), key=lambda e: e["DTSTART"].dt)


def days(events, title):
    return [str(e["DTSTART"].dt) for e in titled(events, title)]


def date(text):
    return datetime.date.fromisoformat(text)


class Json(unittest.TestCase):
    def check(self, document):
        schema = json.loads((ROOT / "docs/plan.schema.json").read_text())
        self.assertEqual(faults_of(document, schema), [])

    def test_it_fits_its_schema(self):
        for person, limits in (
            ("deep-scars-28", ""),
            ("mild-scars-20", "budget: 3000\nplace: usa"),
            ("deep-scars-28", "visits: 0"),
            ("deep-scars-28", "judged_by: grade\ndevices: [skinpen-precision]\nsettings: [physician]\npain: 8\n"
                              "redness: 9 days\nhorizon: 300 days\nnot_wanted: [prp-topical]"),
        ):
            with self.subTest(person=person, limits=limits):
                status, files, said = plan_of(person, limits=limits)
                self.assertEqual(status, 0, said)
                self.check(json.loads(files["plan.json"]))

    def test_what_is_said_twice_agrees(self):
        plan = json_of("deep-scars-28")
        chosen = [o for o in plan["options"] if o["chosen"]]
        self.assertEqual(len(chosen), 1)
        self.assertEqual(plan["options"][0]["kind"], "nothing")
        self.assertIsNone(plan["options"][0]["candidate"])
        self.assertEqual(len(plan["course"]["visits"]) + plan["course"]["visits_unplaced"],
                         chosen[0]["candidate"]["visits"])
        self.assertEqual(plan["start"], LEAP)
        for option in plan["options"]:
            band = option["improvement"]
            self.assertTrue(band["lo90"] <= band["lo50"] <= band["median"] <= band["hi50"] <= band["hi90"])
        self.assertEqual([w["week"] for w in plan["forecast"]["weeks"]], list(range(len(plan["forecast"]["weeks"]))))

    def test_costs_add_up(self):
        course = json_of("mild-scars-20", limits="budget: 3000\nplace: usa")["course"]
        self.assertEqual(course["currency"], "USD")
        if course["cost_low"] is not None:
            self.assertAlmostEqual(course["cost_low"], sum(line["low"] for line in course["costs"]))
            self.assertAlmostEqual(course["cost_high"], sum(line["high"] for line in course["costs"]))

    def test_a_refusal_says_by_which_rules(self):
        status, files, _ = plan_of("isotretinoin-26", start="2026-11-21")
        self.assertEqual(status, 2)
        plan = json.loads(files["plan.json"])
        self.check(plan)
        self.assertTrue(plan["refused"])
        self.assertTrue(any("isotretinoin" in rule for rule in plan["refused_by"]), plan["refused_by"])
        self.assertIsNone(plan["options"])
        self.assertIsNone(plan["course"])
        self.assertNotIn("plan.ics", files)


class Folder(unittest.TestCase):
    """What is written where, and what is asked before any work."""

    def run_plan(self, case, *args):
        return cit("plan", case, "--draws", 20, "--date", LEAP, *args)

    def test_a_place_that_cannot_be_written_is_told_before_the_search(self):
        case = case_of("deep-scars-28", "visits: 0")
        (case.parent / "file").write_text("")
        for out, extra, words in (("", [], "needs a name"), (case.parent / "no/out", [], "no room"),
                                  (case.parent / "file", ["--force"], "not a folder"),
                                  (case.parent / "file/out", [], "not a folder")):
            run = self.run_plan(case, "-o", out, *extra)
            self.assertEqual((run.returncode, run.stdout), (74, ""), run.stderr)
            self.assertIn(words, run.stderr)

    def test_sheets_of_an_earlier_plan_are_taken_away(self):
        case = case_of("deep-scars-28", "visits: 0")
        out = case.parent / "again"
        out.mkdir()
        for name in ("visit-13.pdf", "visit-1.pdf", "visit-notes.pdf", "visit-2.pdf.txt", "plan.ics"):
            (out / name).write_text("old")
        run = self.run_plan(case, "-o", out, "--force")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(sorted(p.name for p in out.iterdir()),
                         ["plan.json", "plan.pdf", "visit-2.pdf.txt", "visit-notes.pdf"])

    def test_folders_are_told_to_nobody(self):
        case = case_of("deep-scars-28", "visits: 0")
        texts = [self.run_plan(path, "--json").stdout for path in (case, os.path.relpath(case))]
        self.assertEqual(*texts)
        self.assertEqual(json.loads(texts[0])["made_by"]["case"], case.name)
        self.assertNotIn(str(case.parent), texts[0])

    def test_a_long_label_is_cut_between_letters(self):
        case = case_of("deep-scars-28", "visits: 0\nhorizon: 280 days")
        case.write_text(f"name: {'ä' * 60}\n" + case.read_text().replace("name:", "# name:", 1))
        run = self.run_plan(case)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("ä" * 50 + ", from", run.stdout)

    def test_a_first_day_that_is_past_is_told(self):
        case = case_of("deep-scars-28", "visits: 0")
        run = cit("plan", case, "--draws", 20, "--date", "2026-01-01")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("2026-01-01, is past", run.stderr)


class Calendar(unittest.TestCase):
    def test_it_is_what_the_standard_wants(self):
        data = plan_of("deep-scars-28")[1]["plan.ics"]
        self.assertEqual(data.count(b"\n"), data.count(b"\r\n"))
        self.assertLessEqual(max(map(len, data.split(b"\r\n"))), 75)
        data.decode("utf-8")
        calendar = icalendar.Calendar.from_ical(data)
        self.assertEqual(calendar.errors, [])
        for key, value in (("VERSION", "2.0"), ("METHOD", "PUBLISH"), ("CALSCALE", "GREGORIAN")):
            self.assertEqual(str(calendar[key]), value)
        self.assertTrue(str(calendar["PRODID"]))
        self.assertNotIn(b"X-LIC-ERROR", data)
        events = events_of("deep-scars-28")
        self.assertEqual(len({str(e["UID"]) for e in events}), len(events))
        for event in events:
            self.assertEqual(event.errors, [])
            self.assertEqual(int(event["SEQUENCE"]), 0)
            self.assertRegex(str(event["UID"]), r"^[0-9a-f]{16}@cit$")

    def test_events_are_whole_days(self):
        for start in (LEAP, SUMMER):
            for event in events_of("deep-scars-28", start):
                for key in ("DTSTART", "DTEND"):
                    self.assertIs(type(event[key].dt), datetime.date)
                    self.assertEqual(event[key].params["VALUE"], "DATE")
                self.assertGreater(event["DTEND"].dt, event["DTSTART"].dt)
                self.assertEqual(str(event["CLASS"]), "PRIVATE")

    def test_a_stamp_is_of_the_day_and_no_clock(self):
        day = date(json_of("deep-scars-28")["made_by"]["day"])
        for event in events_of("deep-scars-28"):
            stamp = event["DTSTAMP"].dt
            self.assertEqual(stamp.utcoffset(), datetime.timedelta(0))
            self.assertEqual(stamp.replace(tzinfo=None), datetime.datetime.combine(day, datetime.time()))

    def test_days_are_those_of_the_plan(self):
        for person in ("deep-scars-28", "mild-scars-20"):
            for start in (LEAP, SUMMER):
                with self.subTest(person=person, start=start):
                    course = json_of(person, start)["course"]
                    events = events_of(person, start)
                    self.assertEqual(days(events, "Appointment"), [v["date"] for v in course["visits"]])
                    self.assertEqual(days(events, "Photo"), course["photo_days"])
                    self.assertEqual(days(events, "Review"), [course["judge_day"]])

    def test_intervals_hold_over_29_february_and_a_change_of_the_clock(self):
        crossed = 0
        for start, change in ((LEAP, "2028-02-29"), (SUMMER, "2027-03-28")):
            plan = json_of("deep-scars-28", start)
            interval = next(o["candidate"]["interval_days"] for o in plan["options"] if o["chosen"])
            visits = [date(d) for d in days(events_of("deep-scars-28", start), "Appointment")]
            self.assertEqual(str(visits[0]), start)
            for a, b in zip(visits, visits[1:]):
                self.assertEqual((b - a).days, interval)
                crossed += a < date(change) < b
        self.assertEqual(crossed, 2)

    def test_each_step_of_care_has_its_own_days_and_no_more_events_than_that(self):
        events = events_of("deep-scars-28")
        visits = [e["DTSTART"].dt for e in titled(events, "Appointment")]
        spans = [(e["DTSTART"].dt, e["DTEND"].dt) for e in titled(events, "Reminder")]
        self.assertEqual(len(spans), len(set(spans)), "two events over the same days")
        self.assertLessEqual(len(spans), 18 * len(visits))
        self.assertLessEqual(len(events) - len(spans), 2 * len(visits) + 4)

    def test_care_before_ends_by_the_eve_and_care_after_before_the_next(self):
        if datetime.date.today() > date(LEAP) - 30 * DAY:
            self.skipTest("care that is past is no event")
        events = events_of("deep-scars-28")
        visits = [e["DTSTART"].dt for e in titled(events, "Appointment")]
        before = {visit: 0 for visit in visits}
        for event in titled(events, "Reminder"):
            lines = str(event["DESCRIPTION"]).splitlines()
            self.assertGreaterEqual(len(lines), 2)
            self.assertEqual(str(event["TRANSP"]), "TRANSPARENT")
            first, end = event["DTSTART"].dt, event["DTEND"].dt
            if lines[0].startswith("Before"):
                visit = min(v for v in visits if v > first)
                self.assertLessEqual(end, visit)
                before[visit] += end == visit
            else:
                visit = max(v for v in visits if v <= first)
                self.assertLessEqual(end, min([v for v in visits if v > visit] + [visit + 29 * DAY]))
        self.assertTrue(all(before.values()), before)

    def test_what_others_can_see_says_nothing(self):
        for person in ("deep-scars-28", "mild-scars-20"):
            for event in events_of(person):
                self.assertIn(str(event["SUMMARY"]), ("Appointment", "Reminder", "Photo", "Review"))
                self.assertNotRegex(str(event["SUMMARY"]), PRIVATE)
                for alarm in event.walk("VALARM"):
                    self.assertNotRegex(str(alarm["DESCRIPTION"]), PRIVATE)
                for key in ("LOCATION", "CATEGORIES", "COMMENT", "CONTACT", "URL", "ATTENDEE", "ORGANIZER"):
                    self.assertNotIn(key, event)

    def test_visits_ring_on_the_day_before_and_what_is_to_be_begun_on_its_day(self):
        events = events_of("deep-scars-28")
        visits = {e["DTSTART"].dt for e in titled(events, "Appointment")}
        for event in events:
            alarms, title = event.walk("VALARM"), str(event["SUMMARY"])
            self.assertEqual(len(alarms), title == "Appointment" or
                             (title == "Reminder" and event["DTSTART"].dt not in visits))
            for alarm in alarms:
                self.assertLess(-DAY if title == "Appointment" else 0 * DAY, alarm["TRIGGER"].dt)
                self.assertLess(alarm["TRIGGER"].dt, 0 * DAY if title == "Appointment" else DAY)
                self.assertEqual(str(alarm["ACTION"]), "DISPLAY")

    def test_a_plan_made_again_is_the_same_to_the_byte(self):
        first, second = plan_of("deep-scars-28"), plan_of("deep-scars-28", again=1)
        if json.loads(first[1]["plan.json"])["made_by"]["day"] != json.loads(second[1]["plan.json"])["made_by"]["day"]:
            self.skipTest("midnight came between the two")
        for name in ("plan.json", "plan.ics"):
            self.assertEqual(first[1][name], second[1][name])

    def test_ids_stay_with_another_seed_and_another_start(self):
        plans = [events_of("deep-scars-28"), events_of("deep-scars-28", seed=2), events_of("deep-scars-28", SUMMER)]
        for other in plans[1:]:
            for title in ("Appointment", "Review"):
                for a, b in zip(titled(plans[0], title), titled(other, title)):
                    self.assertEqual(str(a["UID"]), str(b["UID"]))
            fewer, more = sorted(({str(e["UID"]) for e in p if str(e["SUMMARY"]) != "Photo"} for p in (plans[0], other)),
                                 key=len)
            self.assertLessEqual(fewer, more)

    def test_ids_of_care_stay_with_another_start(self):
        """A step goes by its own days before or after its visit, not by the calendar's."""
        plans = [events_of("deep-scars-28", start) for start in (LEAP, SUMMER)]
        one, two = ({str(e["UID"]) for e in p if str(e["SUMMARY"]) == "Reminder"} for p in plans)
        self.assertTrue(one <= two or two <= one)

    def test_two_people_share_no_id(self):
        one, two = ({str(e["UID"]) for e in events_of(p)} for p in ("deep-scars-28", "mild-scars-20"))
        self.assertFalse(one & two)

    def test_days_away_and_days_to_be_seen_are_kept_free(self):
        free = json_of("deep-scars-28")
        first, second = (date(v["date"]) for v in free["course"]["visits"][:2])
        away = [first, first + 3 * DAY]
        seen = [second + 5 * DAY, second + 6 * DAY]
        limits = (f"away: [{{from: {away[0]}, to: {away[1]}}}]\n"
                  f"presentable: [{{from: {seen[0]}, to: {seen[1]}}}]")
        plan = json_of("deep-scars-28", limits=limits)
        chosen = next(o for o in plan["options"] if o["chosen"])
        red = -(-chosen["value"]["redness_days_of_a_visit"] // 1)
        visits = [date(d) for d in days(events_of("deep-scars-28", limits=limits), "Appointment")]
        self.assertEqual([str(v) for v in visits], [v["date"] for v in plan["course"]["visits"]])
        self.assertTrue(plan["course"]["visits"][0]["moved"])
        self.assertEqual(visits[0], away[1] + DAY)
        for visit in visits:
            self.assertFalse(away[0] <= visit <= away[1])
            self.assertFalse(visit <= seen[1] and visit + red * DAY >= seen[0])
        self.assertEqual(plan["limits"]["away"], [{"from": str(away[0]), "to": str(away[1])}])

    def test_nothing_to_do_is_no_calendar(self):
        status, files, said = plan_of("deep-scars-28", limits="visits: 0")
        self.assertEqual(status, 0, said)
        self.assertIsNone(json.loads(files["plan.json"])["course"])
        self.assertNotIn("plan.ics", files)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
