"""Writes data/patterns/expected.json: what Python's re, which PEFT matches with, makes of patterns on module paths."""

import json
import re

from golden import DATA

PATHS = [
    *(f"model.layers.{i}.{m}" for i in (0, 5, 11) for m in ("self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj")),
    "model.embed_tokens",
    "lm_head",
    "transformer.h.3.attn.c_attn",
    "vision_model.encoder.layers.2.self_attn.out_proj",
    "q_proj",
    "modèle.couche-٣.été_proj",
    "a]b^c-d\\e{2}|f",
    "\x1c\x85 tab\tx",
    "aaab",
    "",
]

PATTERNS = [
    # as users of PEFT write them
    r".*\.(q|v)_proj", r"model\.layers\.[0-5]\..*", r".*(self_attn|mlp).*(q|k|v|up)_proj$", r".*q_proj|.*v_proj",
    r"(?:.*?(?:language|text|model).*?(?:self_attn|attention|attn).*?(?:k_proj|v_proj|q_proj|out_proj).*?)"
    r"|(?:\bmodel\.layers\.[\d]{1,}\.(?:self_attn|mlp)\.(?:(?:q_proj|up_proj)))",
    r"^model\.layers\.(0|11)\.self_attn\.q_proj$", r"layers\.\d+\.self_attn\.q_proj", r"self_attn.q_proj", "q_proj",
    r"(.*\.)?layers.[0-9]{1,2}.mlp.up_proj", r".*(?P<layer>\d+)\.mlp\.\w+", r"^lm_head\Z", r".*[^v]_proj", "h.3.attn.c_attn",
    # each piece of syntax
    r".*\.\d\d\..*", r".*\D\Z", r"\w+", r"\W+", r".*\s.*", r"\S+", r"\w+\.\w+-\d\.\w+", r"\Am.*", r".*\blayers\b.*", r".*s\Bk.*",
    r"a+b", r"a{3}b", r"a{2,}b", r"a{,3}b", r"a{,2}b", r"a{1,2}?ab", r"a*?b", r"a??aab", r"(a|aa)+b", r"(a*)*b", r"(|a)+b", r"()", "",
    r"(?:){3}", r"(a|b|){4}", r"a{2", r"a{x}b", r"a\]b\^c-d\\e\{2\}\|f", r"a[]]b[\^]c[-]d[\\]e[{]2[}][|]f", r".*e{2}.*", r"[^]a]+",
    r"[a-z_.0-9]+", r"[\w.]+", r"[\W\w]*", r"[^\W\d_]+", r"[a\-c]+b", r"[--a]+", r".*\x2e.*", r".*\u002eq_proj", r".*\t.*", r"[\b]*",
    r".*[\x1c-\x1f].*", r".*\x85.*", "m[aeo]d(e|è)le?.*", r"$", r"^", r"x*$^", r".*$", r"(^a|b)aab", r"(?:a|^)aaab", "a|", r"\.", "-+",
    # no expression of Python's
    "(", ")", "q_proj(", "[", "[]", "[^]", "*a", "a**", "a+*", "a{2}{3}", "a{3,2}", "^*", r"\b+", "\\", r"\q", r"[\q]", "[z-a]", r"[\d-z]",
    "(?<n>a)", "(?P<1>a)", "(?Pa)", "(?", r"\x1", r"a|*", "(|*)", "(?P<n>a", "(?Q)",
]


def answer(pattern: str):
    try:
        full = re.compile(pattern)
        end = re.compile(rf"(.*\.)?({pattern})$")
    except re.error:
        return {"pattern": pattern, "error": True}
    return {
        "pattern": pattern,
        "full": [i for i, path in enumerate(PATHS) if full.fullmatch(path)],
        "end": [i for i, path in enumerate(PATHS) if end.match(path)],
    }


lines = ",\n".join(json.dumps(answer(pattern)) for pattern in PATTERNS)
path = DATA / "patterns" / "expected.json"
path.parent.mkdir(exist_ok=True)
path.write_text(f'{{"paths": {json.dumps(PATHS)},\n"patterns": [\n{lines}\n]}}\n')
