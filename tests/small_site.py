"""A few results of a build, as the site reads them: small, but with every kind of page and of
output."""

import base64
import json
from pathlib import Path

NASTY = "<script>alert(1)</script> \"x\" & $y$"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OWN = {"name": "kesenjangan-blitar"}
MADE = {
    "stage": "sampling", "cell": "picture", "cell_number": 9, "tables": ["claims", "gone"],
    "resources": ["frame"]
}
FACTS = {
    "build": {"commit": "unknown", "tree": "unknown"}, "package": {"fingerprint": "f" * 64},
    "stages": {
        "sampling": {
            "notebook": {"path": "notebooks/1_sampling.ipynb",
                         "sha256": "a" * 64}, "python": "3.11",
            "lock": {"path": "requirements.lock",
                     "sha256": "b" * 64}, "helpers": {"helpers/sampling.py": "c" * 64},
            "parameters": {"seed": 1, "sampling.method": "slovin"}, "resources": {
                "frame": {
                    "path": "frame <i>.csv", "title": NASTY, "status": "published",
                    "sha256": "d" * 64, "licences": [{"name": "CC-BY-4.0", "title": NASTY}]
                }
            }
        }
    }, "products": {
        "figures/lorenz": MADE | {"files": {"figures/lorenz.csv": "e" * 64}}, "tables/claims": MADE
        | {"cell": None, "cell_number": None, "files": {"tables/claims.csv": "e" * 64}}
    },
}
ITEMS = [{
    "kind": "table", "name": "scores", "complete": True, "stable": True, "consistent": True,
    "differences": []
}, {
    "kind": "claim", "name": "c01", "complete": True, "stable": True, "consistent": False,
    "differences": [{"kind": "verdict", "expected": "supported", "found": "mixed"}]
}]
VERDICT = {
    "commit": "c" * 40, "tree": "dirty", "dirty": ["params.yml"], "python": "3.11",
    "system": "Linux", "errors": ["x"],
    "tolerance": {"picture_mean": 1.0, "picture_worst_tile": 20}, "items": ITEMS,
    "full": [{"kind": "mutation", "name": "a digit", "ok": True, "detail": "noticed"}]
}
WIDE = (
    '<table class="result"><caption>Wilayah <span class="status status-simulated">simulasi</span></'
    'caption>'
    "<thead><tr>" + "".join(f'<th scope="col">Ketimpangan {number}</th>' for number in range(20))
    + "</tr></thead><tbody><tr>" + "".join(f'<td class="number">{number},5</td>'
                                           for number in range(20)) + "</tr></tbody></table>")
CLAIMS = (
    '<table class="result"><caption>Klaim</caption><thead><tr><th scope="col">Klaim</th>'
    '<th scope="col">Nilai</th></tr></thead>'
    "<tbody>"
    + "".join(f'<tr><td>{name}</td><td class="number">{value}</td></tr>'
              for name, value in [("c1", "1.234,5"), ("c2", "–"), ("c10", "-3,25"), ("c3", "99,0")])
    + "</tbody></table>")
PRODUCTS = [
    "notebooks/1_sampling.ipynb", "tables/claims.csv", "tables/claims.html", "tables/claims.json",
    "figures/lorenz.csv", "figures/lorenz.json", "figures/lorenz.png", "figures/lorenz.svg",
    "processed/x.csv"
]


def cell(kind, name, source, outputs=None, tags=None):
    content = {
        "cell_type": kind, "id": name, "metadata": {"tags": tags} if tags else {}, "source": source
    }
    return content if kind == "markdown" else content | {
        "outputs": outputs or [], "execution_count": 1
    }


def result(kind="execute_result", **data):
    number = {"execution_count": 1} if kind == "execute_result" else {}
    data = {name.replace("_", "/"): value for name, value in data.items()}
    metadata = {"image/png": {"alt": "A \"single\" dot.", "width": 96, "figure": "lorenz"}
                } if "image/png" in data else {}
    return {"output_type": kind, "data": data, "metadata": metadata} | number


def write_results(folder: Path) -> Path:
    """Write what two stages would have made, hostile words and every kind of output included."""
    cells = [
        cell("markdown", "title",
             "# Berapa orang?\n\n**Pertanyaan.** Berapa yang *cukup*?\n\nLagi."),
        cell("code", "parameters", 'seed = 1  # number\nlang = "id"', tags=["parameters"]),
        cell("code", "injected-parameters", '# Parameters\nseed = 1\nlang = "id"\n',
             tags=["injected-parameters"]),
        cell(
            "markdown", "formula",
            "## 1. Slovin\n\n$$n = \\frac{N}{1 + N e^2}$$\n\ndengan $N$ ukuran populasi.\n\n"
            "Lihat [ini](1_sampling.ipynb#1-slovin) dan [itu](5_synthesis.ipynb)."),
        cell("code", "say", "say()",
             [result(text_markdown="Ada **399** orang, \\<b\\>bukan\\</b\\>.", text_plain="no")]),
        cell("code", "picture", "draw()",
             [result("display_data", image_png=PIXEL, text_plain="A single dot.")]),
        cell("code", "wide", "show()", [result(text_html=WIDE, text_plain="")]),
        cell("code", "failed", "1 / 0", [{
            "output_type": "error", "ename": "ZeroDivisionError", "evalue": "division by zero",
            "traceback": ["\x1b[31mZeroDivisionError\x1b[0m: division by zero"]
        }]),
        cell(
            "markdown", "gini",
            "## 2. Gini\n\nKoefisien Gini, `Gini`, dan sekali lagi Gini; menurut populasi.\n\n"
            "$$a = " + " + ".join(f"x_{{{number}}}" for number in range(60)) + "$$"),
        cell("markdown", "end", "## 3. Selesai\n\nItu saja."),
        cell("code", "print", "print()",
             [{"output_type": "stream", "name": "stdout", "text": NASTY}]),
    ]
    about = {
        "stage": "sampling", "status": "simulated", "title": f"Judul {NASTY}", "caption": NASTY,
        "alt": NASTY, "source": NASTY, "rows": 1
    }
    claims = (
        'claim,text_id,text_en,verdict,basis,evidence,statistic,value,robustness,status\n'
        'c1,"Utara <b>maju</b>.","The north is ahead.",supported,published,lorenz,x,1,1,published\n'
        'c2,"Akses mudah.","Access is easy.",not_testable,,,,,,published\n')
    contents = {
        "notebooks/1_sampling.ipynb": json.dumps({
            "cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5
        }), "tables/claims.csv": claims, "tables/claims.json": json.dumps(about),
        "tables/claims.html": f"<html><body>\n{CLAIMS}\n</body></html>",
        "figures/lorenz.csv": "name,share\n<i>a</i>,0.123456789\n",
        "figures/lorenz.json": json.dumps(about), "figures/lorenz.svg": "<svg/>",
        "processed/x.csv": "x\n1\n",
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    (folder / "figures" / "lorenz.png").write_bytes(base64.b64decode(PIXEL))
    return folder
