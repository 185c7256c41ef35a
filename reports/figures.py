#!/usr/bin/env python3
"""The paper's figures from a database of ours (`make figures DB=...`): accuracy against conditional accuracy, what K samples
are worth, false positives by attempt and under poorer suites, its two-type map, and tables of the best K and of precision.

figures.py ASSAY DATABASE MODULES OUTPUT.md: asks `assay rates`, `limits` and `simulate` for their JSON, writes the Markdown
file, and beside it a folder of the same name with the charts as SVG (reports/svg.mjs; MODULES has vega). Every number
has the interval that assay gave it.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES_MIN = 10  # fewer samples a problem draw no curve worth a figure
LAMBDAS = (0, 1, 2, 4, 8)
ATTEMPTS = (1, 2, 3, 5, 10, 20, 50, 100, 200)
# Llama 3.1 8B as the paper's appendix has it: two types of problems, share and chance to solve one.
TWO_TYPES = ((0.56, 0.8738), (0.44, 0.1382))
SOUNDNESS = tuple(x / 20 for x in range(10, 20))
COSTS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8)
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
# The paper's table (its T = 0.8, up to 200 samples): best mean reward at best K, by lambda.
PAPER = {"Llama 3.1 70B": (".835 @ 143", ".716 @ 25", ".611 @ 9", ".436 @ 2", ".144 @ 1"),
         "Llama 3.1 8B": (".799 @ 200", ".630 @ 200", ".478 @ 22", ".221 @ 4", "< 0 @ 0"),
         "Code Llama 13B": (".732 @ 200", ".524 @ 197", ".320 @ 98", ".083 @ 1", "< 0 @ 0"),
         "Phi-3 mini": (".828 @ 196", ".692 @ 126", ".558 @ 85", ".302 @ 4", "< 0 @ 0"),
         "GPT-4o": (".910 @ 200", ".840 @ 200", ".770 @ 200", ".630 @ 200", ".356 @ 1")}


def ask(assay, *arguments):
    done = subprocess.run([assay, *arguments, "--json"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"figures: {' '.join(map(str, arguments))} failed")
    return json.loads(done.stdout)


def number(value, digits=3):
    return "–" if value is None else f"{value:.{digits}f}"


def estimate(value, interval, digits=3):
    between = f" [{number(interval[0], digits)}, {number(interval[1], digits)}]" if interval else ""
    return number(value, digits) + between


def file_name(model):
    return "".join(c if c.isalnum() else "-" for c in model)


def share_axis(field, title):
    return {"field": field, "type": "quantitative", "scale": {"zero": False},
            "axis": {"title": title, "format": ".0%"}}


WRONG = {"field": "fdr", "type": "quantitative", "axis": {"title": "wrong of the accepted", "format": ".0%"}}


def banded(x, y, colour, **line):
    """A line a colour, and its interval from `lo` to `hi`."""
    return [{"mark": {"type": "area", "opacity": 0.12},
             "encoding": {"x": x, "y": {**y, "field": "lo"}, "y2": {"field": "hi"}, "color": colour}},
            {"mark": {"type": "line", **line}, "encoding": {"x": x, "y": y, "color": colour}}]


def accuracy_chart(rows, line):
    """Figure 1a: accuracy of one sample against how often a pass is right, problem by problem."""
    values = []
    for row in rows:
        (x_lo, x_hi), (y_lo, y_hi) = row["intervals"]["accuracy"], row["intervals"]["ceiling_macro"]
        values.append({"x": row["accuracy"], "y": row["ceiling_macro"], "x_lo": x_lo, "x_hi": x_hi,
                       "y_lo": y_lo, "y_hi": y_hi})
    x, y = share_axis("x", "accuracy of one sample"), share_axis("y", "conditional accuracy")
    thin = {"type": "rule", "opacity": 0.18}
    layers = [{"mark": thin, "encoding": {"x": {**x, "field": "x_lo"}, "x2": {"field": "x_hi"}, "y": y}},
              {"mark": thin, "encoding": {"y": {**y, "field": "y_lo"}, "y2": {"field": "y_hi"}, "x": x}},
              {"mark": {"type": "point", "filled": True, "size": 50, "color": "#0072B2", "opacity": 0.8},
               "encoding": {"x": x, "y": y}}]
    if line and line["slope"] is not None:
        ends = [min(v["x"] for v in values), max(v["x"] for v in values)]
        points = [{"x": end, "y": line["slope"] * end + line["intercept"]} for end in ends]
        layers.append({"data": {"values": points}, "mark": {"type": "line", "color": "#D55E00"},
                       "encoding": {"x": x, "y": y}})
    return {"$schema": SCHEMA, "height": 360, "data": {"values": values}, "layer": layers}


def utility_chart(row):
    """Figure 1b: what K samples are worth, by the cost of a false positive."""
    values, best = [], []
    for u in row["utility"]:
        band, name = u["value_band"], f"{u['lambda']:g}"
        for k, value in zip(row["k"], u["value"]):
            values.append({"k": k, "value": value, "lambda": name,
                           "lo": band["lo"][k] if band else None, "hi": band["hi"][k] if band else None})
        best.append({"k": u["k_opt"], "value": u["utility_opt"], "lambda": name})
    x = {"field": "k", "type": "quantitative", "scale": {"type": "symlog", "constant": 1, "nice": False},
         "axis": {"title": "samples drawn at most (K)", "values": [0, 1, 2, 5, 10, 20, 50, 100, 200]}}
    y = {"field": "value", "type": "quantitative", "axis": {"title": "worth per problem"}}
    colour = {"field": "lambda", "type": "nominal", "sort": None, "legend": {"title": "cost of a false positive"},
              "scale": {"range": ["#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00"]}}
    return {"$schema": SCHEMA, "height": 360, "data": {"values": values}, "layer": [
        *banded(x, y, colour),
        {"data": {"values": best}, "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": colour}}]}


def attempt_chart(row):
    """The paper's bars: how often an acceptance is wrong, by the attempt at which it comes."""
    band, values = row["bands"]["fdr_by_attempt"], []
    for k, fdr, plain, lo, hi in zip(row["k"], row["fdr_by_attempt"], row["fdr_by_attempt_paper"], band["lo"], band["hi"]):
        if k in ATTEMPTS and fdr is not None:
            values.append({"k": str(k), "fdr": fdr, "paper": plain, "lo": lo, "hi": hi})
    x = {"field": "k", "type": "ordinal", "sort": None, "axis": {"title": "attempt that is accepted first", "labelAngle": 0}}
    return {"$schema": SCHEMA, "height": 260, "data": {"values": values}, "layer": [
        {"mark": {"type": "bar", "color": "#56B4E9"}, "encoding": {"x": x, "y": WRONG}},
        {"mark": {"type": "rule"}, "encoding": {"x": x, "y": {**WRONG, "field": "lo"}, "y2": {"field": "hi"}}},
        {"mark": {"type": "point", "color": "#D55E00", "size": 50}, "encoding": {"x": x, "y": {**WRONG, "field": "paper"}}}]}


def suite_chart(rows):
    """What fewer tests let pass: a line a model, over the number of tests drawn at random from its proxy suite."""
    values = [{"model": row["model"], "tests": tests, "fdr": fdr["value"], "lo": fdr["interval"][0], "hi": fdr["interval"][1]}
              for row in rows for tests, fdr in zip(row["suite_size"]["tests"], row["suite_size"]["fdr"])
              if fdr["value"] is not None and fdr["interval"]]
    x = {"field": "tests", "type": "quantitative", "scale": {"type": "log", "nice": False}, "axis": {"title": "tests of a problem, at most"}}
    colour = {"field": "model", "type": "nominal", "legend": {"title": None, "orient": "bottom"}}
    return {"$schema": SCHEMA, "height": 300, "data": {"values": values}, "layer": banded(x, WRONG, colour, point=True)}


def two_type_text(assay, modules, output):
    """The map of the paper's appendix: the best K by the verifier's soundness and the cost of a false positive."""
    types = [word for share, rate in TWO_TYPES for word in ("--types", f"{share}:{rate}")]
    values = []
    for soundness in SOUNDNESS:
        record = ask(assay, "simulate", *types, "--soundness", str(soundness), "--lambda", ",".join(map(str, COSTS)))
        values += [{"soundness": f"{soundness:.2f}", "cost": f"{row['lambda']:g}", "infinite": row["infinite"],
                    "k": "∞" if row["infinite"] else str(row["k"])} for row in record["rows"]]
    x = {"field": "cost", "type": "ordinal", "sort": None, "axis": {"title": "cost of a false positive", "labelAngle": 0}}
    y = {"field": "soundness", "type": "ordinal", "sort": "descending",
         "axis": {"title": "wrong programs rejected (soundness)"}}
    spec = {"$schema": SCHEMA, "height": 300, "data": {"values": values}, "encoding": {"x": x, "y": y}, "layer": [
        {"mark": "rect", "encoding": {"color": {"field": "infinite", "type": "nominal", "legend": None,
                                                "scale": {"domain": [False, True], "range": ["#EAF3FA", "#F7DCC9"]}}}},
        {"mark": {"type": "text"}, "encoding": {"text": {"field": "k"}}}]}
    chart = output.with_suffix("") / "two-types.svg"
    draw(spec, modules, chart)
    shares = " and ".join(f"{share:.0%} solved with chance {rate}" for share, rate in TWO_TYPES)
    return (f"## The two-type map\n\n![The two-type map]({chart.parent.name}/{chart.name})\n\nThe best number of samples "
            f"where the problems are of two types, as the paper's appendix has them for Llama 3.1 8B: {shares}. ∞: every "
            "further draw pays, which is so exactly up to a cost of r2 / ((1 - r2)(1 - s)). These are exact, so that they have no "
            "interval. Each type counts with its prior share; the paper's map uses the posterior twice, and its values of 45 to "
            "637 are a true infinity that doubles cannot hold.\n")


def draw(spec, modules, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = path.with_suffix(".vl.json")
    raw.write_text(json.dumps(spec))
    try:
        subprocess.run(["node", HERE / "svg.mjs", raw, path, modules], check=True)
    finally:
        raw.unlink()


def best_k(u):
    """What the best K is worth, each with its interval; ">=" where no later K does worse, to the last there is."""
    interval = u["k_opt_interval"]
    between = f" [{interval[0]:.0f}, {interval[1]:.0f}]" if interval else ""
    return f"{estimate(u['worth']['value'], u['worth']['interval'])} @ {'≥ ' if u['censored'] else ''}{u['k_opt']}{between}"


def regression_table(line):
    out = "| | all samples | split halves |\n|---|---|---|\n"
    for name in ("slope", "intercept", "r", "r2"):
        half = line["split_half"]
        out += (f"| {name} | {estimate(line[name], line['intervals'][name])} | "
                f"{estimate(half[name], half['intervals'][name])} |\n")
    return out


def models_table(rows):
    """Accuracy and how often an accepted program is right, most accurate first."""
    text = ("### Accuracy and precision of each model\n\nPrecision: the share of the accepted programs that is right (1 - "
            "fdr); problem by problem: mean over the problems that the model passes at all, as in figure 1a.\n\n"
            "| model | samples | accuracy | precision | problem by problem | accepted, of them wrong |\n"
            "|---|---|---|---|---|---|\n")
    for row in sorted(rows, key=lambda r: (-r["accuracy"], r["model"])):
        fdr = row["intervals"]["fdr"]
        text += (f"| {row['model'].replace('|', '/')} | {row['samples']} | "
                 f"{estimate(row['accuracy'], row['intervals']['accuracy'])} | "
                 f"{estimate(1 - row['fdr'], [1 - fdr[1], 1 - fdr[0]] if fdr else None)} | "
                 f"{estimate(row['ceiling_macro'], row['intervals']['ceiling_macro'])} | "
                 f"{row['tp'] + row['fp']}, {row['fp']} |\n")
    return text + "\n"


def dataset_text(dataset, rates, limits, modules, output):
    folder = output.with_suffix("")
    shown = [row for row in rates["rows"] if row["dataset"] == dataset and row["ceiling_macro"] is not None
             and row["intervals"]["ceiling_macro"] and row["intervals"]["accuracy"]]
    line = next((r for r in limits["regressions"] if r["dataset"] == dataset), None)
    text = f"## {dataset}\n\n"
    if len(shown) > 1:
        chart = folder / f"{dataset}-1a.svg"
        draw(accuracy_chart(shown, line), modules, chart)
        text += (f"### Figure 1a: accuracy against conditional accuracy, {len(shown)} models\n\n"
                 f"![Figure 1a]({folder.name}/{chart.name})\n\nA point is a model, its bars 95% intervals. Across: "
                 "how often one sample is right. Up: how often a pass is right, mean over the problems that the "
                 "model passes at all.\n\n")
        if line and line["slope"] is not None:
            text += regression_table(line) + (
                "\nThe paper: slope .2183, intercept .7247, R2 .8918 over 17 models with 200 samples or more. Both "
                "axes come from the same samples, which alone ties them; the split halves are free of that. With one "
                "sample a problem a weak model passes only easy problems, whose suites are strong, so its conditional "
                "accuracy is not that of many samples: such points flatten the line.\n\n")
    curves = [row for row in limits["rows"] if row["dataset"] == dataset and row["n_min"] >= SAMPLES_MIN]
    for row in curves:
        chart = folder / f"{dataset}-1b-{file_name(row['model'])}.svg"
        draw(utility_chart(row), modules, chart)
        text += (f"### Figure 1b: what K samples are worth, {row['model']}, n = {row['n_min']}\n\n"
                 f"![Figure 1b]({folder.name}/{chart.name})\n\nA right first pass is worth 1, a wrong one minus the "
                 "cost in the legend; the dot is the best K, the band 95%.\n\n")
    for row in curves:
        chart = folder / f"{dataset}-attempts-{file_name(row['model'])}.svg"
        draw(attempt_chart(row), modules, chart)
        text += (f"### False positives by attempt, {row['model']}\n\n![False positives by attempt]({folder.name}/{chart.name})"
                 "\n\nBars weigh each problem by how often its first acceptance comes at that attempt, with 95% intervals; the "
                 "circles count every problem alike, as the paper's bars do.\n\n")
    sized = [row for row in curves if row["suite_size"]]
    if sized:
        chart = folder / f"{dataset}-suites.svg"
        draw(suite_chart(sized), modules, chart)
        text += (f"### False positives under poorer suites\n\n![Poorer suites]({folder.name}/{chart.name})\n\nTests are drawn "
                 "at random from the suite that accepts, the same for all samples of a problem.\n\n")
    if curves:
        text += ("### Best worth @ best K, by the cost of a false positive\n\n| model | n | "
                 + " | ".join(f"λ = {x}" for x in LAMBDAS) + " |\n|---|---|" + "---|" * len(LAMBDAS) + "\n")
        for row in curves:
            cells = " | ".join(best_k(u) for u in row["utility"])
            text += f"| {row['model']} | {row['n_min']} | {cells} |\n"
        for name, cells in PAPER.items():
            text += f"| {name} (the paper's) | 200 | {' | '.join(cells)} |\n"
        text += ("\n≥: no later K does worse, to the last that the samples answer for. Worth: each problem at the K that is "
                 "best for the others. Intervals over problems; of the best K by bootstrap, sought anew in each replicate.\n")
    return text + "\n" + models_table(shown)


def main():
    assay, database, modules, output = sys.argv[1:5]
    output = pathlib.Path(output)
    rates = ask(assay, "rates", "--db", database)
    limits = ask(assay, "limits", "--db", database, "--lambda", ",".join(map(str, LAMBDAS)), "--kappa", "0")
    datasets = sorted({row["dataset"] for row in limits["rows"]})
    if not datasets:
        sys.exit(f"figures: {database} holds no verdicts")
    text = ("# The paper's figures from our data\n\nMade by `make figures DB=assay.db` from a database of verdicts; "
            "the samples are named in docs/results.md. Intervals are 95%.\n\n")
    for dataset in datasets:
        text += dataset_text(dataset, rates, limits, modules, output)
    text = text.rstrip() + "\n\n" + two_type_text(assay, modules, output)
    output.write_text(text.rstrip() + "\n", encoding="utf-8")
    print(f"{output} written")


if __name__ == "__main__":
    main()
