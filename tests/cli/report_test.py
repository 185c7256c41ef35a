"""The report of a real database: every number on the page is that of `rates --json` and `limits --json`."""
import base64
import html
import json
import re
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

    def test_the_same_database_gives_the_same_page(self):
        self.imported()
        self.assertEqual(self.report(), self.report())
        self.assertNotEqual(table(self.report(), "rates"), table(self.report("--seed", "2"), "rates"))

    def test_markdown_and_charts(self):
        self.imported()
        text = self.assay("report", "--format", "markdown", "--charts", self.folder / "charts").stdout
        self.assertRegex(text, r"^# foreign: [\d.]+% of the passes are wrong")
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


if __name__ == "__main__":
    unittest.main()
