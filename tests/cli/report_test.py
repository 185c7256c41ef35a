"""The report of a real database: every number on the page is that of `rates --json` and `limits --json`."""
import base64
import html
import json
import re
import subprocess
import unittest
import zlib

from support import RIGHT, AssayTest

WRONG = "def largest(numbers):\n    best = 0\n    for x in numbers:\n        best = max(best, x)\n    return best\n"


def table(page, name):
    """Rows of the table with this id: (name of the row, [(field, value, text)])."""
    body = re.search(rf'<table id="{name}".*?<tbody>(.*?)</tbody>', page, re.S)
    rows = []
    for row in re.findall(r"<tr>(.*?)</tr>", body.group(1) if body else "", re.S):
        cells = []
        for attributes, text in re.findall(r"<t[dh]([^>]*)>(.*?)</t[dh]>", row, re.S):
            field = re.search(r'data-field="([^"]*)"', attributes)
            value = re.search(r'data-value="([^"]*)"', attributes)
            cells.append((field and field.group(1), value and float(value.group(1)),
                          html.unescape(re.sub(r"<[^>]*>", " ", text)).strip()))
        rows.append((cells[0][2], cells[1:]))
    return rows


def payload(page):
    packed = re.search(r'id="payload">([^<]*)<', page).group(1)
    return json.loads(zlib.decompress(base64.b64decode(packed)))


class Report(AssayTest):
    def report(self, *arguments):
        path = self.folder / "report.html"
        self.assay("report", "-o", path, *arguments)
        return path.read_text(encoding="utf-8")

    def imported(self):
        """Three models of 12 problems, 20 samples each."""
        lines = ["model,task_id,n,tp,fp"]
        for m in range(3):
            for p in range(12):
                tp = max(0, min(19, (m + 1) * 6 - p))
                lines.append(f"model-{m},T/{p:02},20,{tp},{min(20 - tp, p % (5 - m))}")
        path = self.folder / "counts.csv"
        path.write_text("\n".join(lines) + "\n")
        self.assay("import", "counts", path, "--dataset", "foreign")

    def test_rates(self):
        self.imported()
        page = self.report()
        rows = {row["model"]: row for row in self.json("rates")["rows"]}
        shown = table(page, "rates")
        self.assertEqual(sorted(name for name, _ in shown), sorted(rows))
        compared = 0
        for name, cells in shown:
            for field, value, text in cells:
                if field:
                    self.assertEqual(value, rows[name][field], f"{name} {field}")
                    interval = rows[name]["intervals"].get(field)
                    if interval:
                        low, high = re.search(r"\[([^,]*), ([^\]]*)\]", text).groups()
                        self.assertAlmostEqual(float(low), 100 * interval[0], delta=0.0501)
                        self.assertAlmostEqual(float(high), 100 * interval[1], delta=0.0501)
                    compared += 1
        self.assertGreaterEqual(compared, 3 * 8)

    def test_differences_with_both_intervals_on_the_page_and_in_the_text(self):
        self.imported()
        page, text = self.report(), self.assay("rates").stdout
        paired = self.json("rates")["paired"]
        shown = {(cells[0][2], name): cells for name, cells in table(page, "paired")}
        self.assertEqual(len(shown), len(paired))
        for pair in paired:
            sign = 1 if pair["difference"] >= 0 else -1
            strong, weak = (pair["a"], pair["b"])[::sign]
            cells = shown[weak, strong]
            self.assertEqual(cells[1][:2], ("difference", abs(pair["difference"])))
            for cell, key in ((cells[1], "interval"), (cells[2], "simultaneous")):
                low, high = re.search(r"\[([^,]*), ([^\]]*)\]", cell[2].replace("\u2212", "-")).groups()
                self.assertAlmostEqual(float(low), 100 * min(sign * x for x in pair[key]), delta=0.0501)
                self.assertAlmostEqual(float(high), 100 * max(sign * x for x in pair[key]), delta=0.0501)
            low, high = sorted(sign * x for x in pair["simultaneous"])
            line, = (line for line in text.splitlines() if line.split()[:2] == [strong, weak])
            self.assertIn(f"[{low:+.3f}, {high:+.3f}]", line)
        effective = self.json("rates")["rows"][0]["effective_problems"]["fdr"]
        self.assertRegex(text.splitlines()[1], rf"\] +{effective:.0f} +0\.")

    def test_scores_are_on_the_page(self):
        """A judge's scores were in `roc` and nowhere on the page."""
        rows = ["model,task_id,sample_id,score,correct"]
        for p in range(12):
            for s in range(6):
                rows.append(f"judged,T/{p:02},{s},{(p * 7 + s * 5) % 11},{int((p * 7 + s * 5) % 11 + (p + s) % 3 > 6)}")
        path = self.folder / "scores.csv"
        path.write_text("\n".join(rows) + "\n")
        self.assay("import", "scores", path, "--dataset", "foreign", "--verifier", "judge")
        page, roc = self.report(), self.json("roc")["rows"][0]
        (name, cells), = table(page, "scores-table")
        self.assertEqual((name, cells[0][2]), ("judge", "judged"))
        for cell, key in zip(cells[2:6], ("auc", "auc_within", "ece", "brier")):
            self.assertAlmostEqual(cell[1], roc[key], msg=key)
            low, high = roc["intervals"][key]
            self.assertIn(f"[{low:.3f}, {high:.3f}]", cell[2])
        points = payload(page)["charts"]["roc"]["spec"]["data"]["values"]
        self.assertEqual(len(points), 1 + len(roc["points"]))
        self.assertIn("judge ranks a right sample of judged above a wrong one", page)

    def curves(self, page, chart):
        """Model -> part -> {k: (value, lo, hi)} of a chart over k."""
        out = {}
        for row in payload(page)["charts"][chart]["spec"]["data"]["values"]:
            points = zip(row["k"], row["value"], row["lo"], row["hi"])
            out.setdefault(row["model"], {})[row["part"]] = {k: rest for k, *rest in points}
        return out

    def same(self, shown, truth, where):
        """Charts carry nine digits."""
        if shown is None or truth is None:
            self.assertEqual(shown, truth, where)
        else:
            self.assertAlmostEqual(shown, truth, delta=1e-8 * max(1, abs(truth)), msg=where)

    def compare_curve(self, shown, ks, values, band, where):
        compared = 0
        for i, k in enumerate(ks):
            if k not in shown:
                continue
            lo, hi = (band["lo"][i], band["hi"][i]) if band and i < len(band["lo"]) else (None, None)
            for name, a, b in zip(("value", "lo", "hi"), shown[k], (values[i], lo, hi)):
                self.same(a, b, f"{where} {name} at {k}")
                compared += 1
        self.assertGreater(compared, 3 * min(len(ks), 10))
        return compared

    def test_every_number_of_the_limits(self):
        self.imported()
        page, limits = self.report(), self.json("limits")
        rows = {row["model"]: row for row in limits["rows"]}
        for chart, name in (("resampling-right", "tp"), ("resampling-wrong", "fp"), ("attempts", "fdr_by_attempt")):
            shown = self.curves(page, chart)
            self.assertEqual(sorted(shown), sorted(rows), chart)
            for model, row in rows.items():
                self.compare_curve(shown[model]["observed"], row["k"], row[name], row["bands"][name], f"{chart} {model}")
        for values in payload(page)["charts"]["utility"]["spec"]["data"]["values"]:
            for name in ("k", "tp", "fp", "draws"):
                self.assertEqual(values[name], rows[values["model"]][name], f"utility {name}")
        header = re.findall(r'<span class="name">([^<]*)<', page[page.index('<table id="budget"'):].split("</thead>")[0])
        compared = 0
        for model, cells in table(page, "budget"):
            self.assertEqual(cells[0][1], rows[model]["n_min"])
            for column, (field, value, text) in zip(header[2:], cells[1:]):
                truth = next(u for u in rows[model]["utility"] if f"\u03bb = {u['lambda']:g}" == column)
                self.assertEqual((field, value), ("k_opt", truth["k_opt"]))
                self.assertEqual(text.startswith("\u2265"), truth["censored"])
                self.assertIn(f"worth {truth['worth']['value']:.3f}".replace("-0.000", "0.000").replace("-", "\u2212"), text)
                if truth["band"][0] != truth["band"][1]:
                    self.assertIn("\u2013".join(map(str, truth["band"])), text)
                compared += 1
        self.assertEqual(compared, 3 * 5)
        matches = table(page, "match")
        self.assertEqual(len(matches), sum(len(row["k_match"]) for row in rows.values()))
        for model, cells in matches:
            truth = next(m for m in rows[model]["k_match"] if m["strong"] == cells[0][2])
            self.assertEqual(cells[1][1], 1e300 if truth["infinite"] else truth["k"])
            self.assertEqual(cells[2][1], truth["probability"])
        line = next(layer for layer in payload(page)["charts"]["accuracy"]["spec"]["layer"] if layer["mark"].get("type") == "line")
        truth = limits["regression"]
        for point in line["data"]["values"]:
            self.same(point["y"], truth["slope"] * point["x"] + truth["intercept"], "the line over models")

    def test_the_ceilings_and_the_difficulty_are_those_of_the_counts(self):
        self.imported()
        page = self.report()
        rows = {row["model"]: row for row in self.json("rates")["rows"]}
        layers = payload(page)["charts"]["resampling-right"]["spec"]["layer"]
        ceilings = [v for layer in layers if "data" in layer for v in layer["data"]["values"]]
        self.assertTrue(ceilings)
        for value in ceilings:
            self.assertRegex(value["text"], r"^$|^ceiling [\d.]+%(, bound [\d.]+%)?$")
            row = rows[value["model"]]
            self.assertTrue(any(abs(value["value"] - row[name]) < 1e-8 for name in ("ceiling_lower", "ceiling_upper")))
        difficulty = {row["model"]: row for row in payload(page)["charts"]["difficulty"]["spec"]["data"]["values"]}
        for model, row in rows.items():
            share = difficulty[model]["share"]
            self.assertAlmostEqual(sum(share) / len(share), row["accuracy"], delta=1e-4)  # shares have four digits

    def test_suite_sizes_and_what_lies_beyond_the_samples(self):
        wrong = "def largest(numbers):\n    return 3 if 1 in numbers else 0\n"
        samples = self.samples(*[("Own/0", text) for text in (WRONG, wrong, RIGHT["Own/0"], WRONG)],
                               *[("Own/1", RIGHT["Own/1"])] * 4)
        self.run_samples(samples, "--full")
        page, row = self.report(), self.json("limits")["rows"][0]
        shown = payload(page)["charts"]["suite-size"]["spec"]["data"]["values"]
        sizes = row["suite_size"]
        self.assertEqual([point["k"] for point in shown], sizes["tests"])
        for point, truth in zip(shown, sizes["fdr"]):
            self.same(point["value"], truth["value"], "fdr by suite size")
            self.same(point["lo"], truth["interval"] and truth["interval"][0], "lo")
            self.same(point["hi"], truth["interval"] and truth["interval"][1], "hi")
        self.assertIn("assay fit fits a model", page)

    def test_the_fit_beside_the_database(self):
        self.imported()
        fitted = subprocess.run(self.command("fit"), capture_output=True, text=True, timeout=300, check=False)
        if fitted.returncode:
            self.assertIn("torch", fitted.stderr)
            self.skipTest("built without libtorch")
        page = self.report()
        rows = {row["model"]: row for row in self.json("limits")["rows"]}
        for chart, name in (("resampling-right", "tp"), ("resampling-wrong", "fp")):
            shown = self.curves(page, chart)
            for model, row in rows.items():
                fit = row["fitted"]
                self.assertEqual(max(shown[model]["extrapolated"]), fit["k"][-1])
                self.compare_curve(shown[model]["extrapolated"], fit["k"], fit[name], fit["bands"][name], f"{chart} {model}")
        self.assertNotIn("assay fit fits a model", page)
        # A fit of other counts is said to be one, and the page is made.
        self.folder.joinpath("counts.csv").write_text("model,task_id,n,tp,fp\nmodel-0,T/00,20,1,1\nmodel-0,T/01,20,2,1\n")
        self.db.unlink()
        self.assay("import", "counts", self.folder / "counts.csv", "--dataset", "foreign")
        self.assertIn("The fit beside the database is not shown", self.report())

    def test_a_chart_carries_the_data_of_the_rates(self):
        self.imported()
        rows = {row["model"]: row for row in self.json("rates")["rows"]}
        points = payload(self.report())["charts"]["accuracy"]["spec"]["data"]["values"]
        self.assertEqual(len(points), 3)
        for point in points:
            self.assertAlmostEqual(point["x"], rows[point["model"]]["accuracy"], places=7)
            self.assertAlmostEqual(point["y"], rows[point["model"]]["ceiling_macro"], places=7)

    def test_false_positives_and_advice_of_a_run(self):
        self.run_samples(self.samples(("Own/0", WRONG), ("Own/0", WRONG), ("Own/0", RIGHT["Own/0"]),
                                      ("Own/1", RIGHT["Own/1"])))
        page = self.report()
        data = payload(page)
        self.assertEqual(len(data["programs"]), 1)
        program = data["programs"][0]
        self.assertEqual(data["texts"][program["source"]], WRONG)
        self.assertEqual(data["texts"][program["nearest"]], RIGHT["Own/0"])
        self.assertEqual((program["input"], program["expected"], program["actual"]), ("([-1, -2],)", "-1", "0"))
        self.assertEqual(program["copies"], [["m", 2]])
        self.assertEqual([test["task_id"] for test in data["tests"]], ["Own/0"])
        namespace = {}
        exec(data["tests"][0]["test"], namespace)  # the advised test is code: it tells the two apart
        namespace["check"](max)
        with self.assertRaises(AssertionError):
            namespace["check"](lambda numbers: max(0, *numbers))

    def test_a_report_without_programs_has_the_same_numbers(self):
        self.run_samples(self.samples(("Own/0", WRONG), ("Own/0", WRONG), ("Own/0", RIGHT["Own/0"]), ("Own/1", RIGHT["Own/1"])))
        page, without = self.report(), self.report("--no-programs")
        for name in ("rates", "suite-size", "budget"):
            self.assertEqual(table(page, name), table(without, name))
        self.assertEqual(payload(without)["programs"], [])
        self.assertIn("Not looked for (--no-programs).", without)
        self.assertNotIn("<section id=\"false-positives\"", without)
        self.assertIn("--all excludes --no-programs", self.assay("report", "--all", "--no-programs", code=2).stderr)

    def test_the_same_database_gives_the_same_page(self):
        self.imported()
        self.assertEqual(self.report(), self.report())
        # The rates have intervals in closed form; what is drawn follows the seed.
        other = self.report("--seed", "2")
        self.assertEqual(table(self.report(), "rates"), table(other, "rates"))
        self.assertNotEqual(self.report(), other)

    def test_markdown_and_charts(self):
        self.imported()
        text = self.assay("report", "--format", "markdown", "--charts", self.folder / "charts").stdout
        self.assertRegex(text, r"^# foreign: [\d.]+% of the passes of all 3 models are wrong")
        self.assertIn("| model-0 |", text)
        specs = sorted(path.name for path in (self.folder / "charts").iterdir())
        self.assertIn("accuracy.vl.json", specs)
        for name in specs:
            spec = json.loads((self.folder / "charts" / name).read_text())
            self.assertTrue(spec["data"]["values"], name)

    def test_a_place_that_cannot_be_written(self):
        self.imported()
        done = self.assay("report", "-o", self.folder / "no" / "report.html", code=1)
        self.assertIn("report.html: cannot be written", done.stderr)

    def test_advice_for_an_own_benchmark(self):
        """The advice knew no test of an own benchmark but those that are witnesses."""
        samples = self.samples(
            ("Own/1", "def double(x):\n    return None if x in (0, 'ab') else x * 2\n"),
            ("Own/1", "def double(x):\n    return None if x in (-3, 'ab') else x * 2\n"))
        self.assay("run", "--dataset", self.dataset, "--samples", samples)
        self.assertIn("assert candidate('ab') == 'abab'",
                      payload(self.report())["tests"][0]["test"])
        problem = self.json("suite")["problems"][0]
        self.assertEqual([(step["test"], step["catches"], step["input"])
                          for step in problem["cover"]], [(2, 2, "('ab',)")])


if __name__ == "__main__":
    unittest.main()
