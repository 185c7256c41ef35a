#!/usr/bin/env python3
"""The paper's figures 1a and 1b, its table of best K and every model's precision, from a database of ours (`make figures DB=...`).

figures.py ASSAY DATABASE MODULES OUTPUT.md: asks `assay rates` and `assay limits` for their JSON, writes the Markdown
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


def share_axis(field, title):
    return {"field": field, "type": "quantitative", "scale": {"zero": False},
            "axis": {"title": title, "format": ".0%"}}


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
        {"mark": {"type": "area", "opacity": 0.12},
         "encoding": {"x": x, "y": {**y, "field": "lo"}, "y2": {"field": "hi"}, "color": colour}},
        {"mark": {"type": "line"}, "encoding": {"x": x, "y": y, "color": colour}},
        {"data": {"values": best}, "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
         "encoding": {"x": x, "y": y, "color": colour}}]}


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
        chart = folder / f"{dataset}-1b-{''.join(c if c.isalnum() else '-' for c in row['model'])}.svg"
        draw(utility_chart(row), modules, chart)
        text += (f"### Figure 1b: what K samples are worth, {row['model']}, n = {row['n_min']}\n\n"
                 f"![Figure 1b]({folder.name}/{chart.name})\n\nA right first pass is worth 1, a wrong one minus the "
                 "cost in the legend; the dot is the best K, the band 95%.\n\n")
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
    output.write_text(text.rstrip() + "\n", encoding="utf-8")
    print(f"{output} written")


if __name__ == "__main__":
    main()
