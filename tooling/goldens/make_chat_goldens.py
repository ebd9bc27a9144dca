"""Conversations as transformers' apply_chat_template writes and encodes them, under each of chat-templates/.

Writes data/chat/tokenizer.json (a byte-level BPE with 160 merges, trained on the conversations), tokenizer_config.json and
expected.json: {conversations: [{messages, tools}], cases: [{template, conversation, addGenerationPrompt, text, ids, mask}]},
where `mask` is 1 for what `{% generation %}` encloses and null for a template without it, and a case that the template
refuses has `error` instead.
"""
import json
from pathlib import Path

from jinja2.exceptions import TemplateError
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from golden import DATA

TEMPLATES = Path(__file__).parent / "chat-templates"
OUT = DATA / "chat"
SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]

WEATHER = {"type": "function", "function": {"name": "weather", "description": "Tells the weather <now> & \"here\"", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}


def said(*turns: tuple[str, str]) -> list[dict]:
    return [{"role": role, "content": content} for role, content in turns]


CONVERSATIONS = [
    {"messages": said(("user", "Who hunts the whale?"), ("assistant", "Ahab does."))},
    {"messages": said(("system", "You are a sailor."), ("user", "Hello!"), ("assistant", "Ahoy!"), ("user", "And the ship?"), ("assistant", "The Pequod, of Nantucket."))},
    {"messages": said(("system", "  padded  \n"), ("user", " \n leading and trailing \n"), ("assistant", "  so it is  \n"))},
    {"messages": said(("user", "Na\u00efve \u2014 \u201cquoted\u201d \U0001f40b?"), ("assistant", "\u65e5\u672c\u8a9e, e\u0301 & <b>\u00e4</b>"), ("user", "<|im_end|> in a text"), ("assistant", "</s>"))},
    {"messages": said(("user", "One\n\n\ttwo  three"), ("assistant", "")),},
    {"messages": said(("user", "Only a question"))},
    {"messages": said(("assistant", "I begin."), ("user", "Do you?"), ("user", "Really?"))},
    {"messages": said(("user", "{{ 7 * 7 }} {% raw %}"), ("assistant", "{# not a comment #}"))},
    {
        "messages": [
            {"role": "user", "content": "Weather in Z\u00fcrich?"},
            {"role": "assistant", "content": None, "tool_calls": [
                {"type": "function", "function": {"name": "weather", "arguments": {"city": "Z\u00fcrich", "days": 2, "exact": 1.5, "now": True, "unit": None, "list": [1, "a"]}}},
                {"type": "function", "function": {"name": "weather", "arguments": {}}},
            ]},
            {"role": "tool", "content": "{\"sky\": \"clear\"}"},
            {"role": "assistant", "content": "Clear."},
        ],
        "tools": [WEATHER],
    },
]


def trained() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = [AddedToken(token, special=True, normalized=False) for token in SPECIAL]
    trainer = trainers.BpeTrainer(vocab_size=len(alphabet) + len(SPECIAL) + 160, initial_alphabet=alphabet, special_tokens=special)
    texts = [str(message["content"]) for one in CONVERSATIONS for message in one["messages"]]
    tokenizer.train_from_iterator(texts + ["system\nuser\nassistant\n"] * 9, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")


def case(tokenizer, name: str, index: int, prompt: bool) -> dict:
    template = (TEMPLATES / f"{name}.jinja").read_text()
    here = {"template": name, "conversation": index, "addGenerationPrompt": prompt}
    given = dict(CONVERSATIONS[index], add_generation_prompt=prompt, chat_template=template)
    messages = given.pop("messages")
    marked = "generation %}" in template or "generation -%}" in template
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False, **given)
        encoded = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True, return_assistant_tokens_mask=marked, **given)
    except (TemplateError, TypeError) as error:
        return here | {"error": str(error)}
    return here | {"text": text, "ids": encoded["input_ids"], "mask": encoded["assistant_masks"] if marked else None}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    tokenizer = trained()
    tokenizer.save_pretrained(OUT)
    names = sorted(path.stem for path in TEMPLATES.glob("*.jinja"))
    cases = [
        case(tokenizer, name, index, prompt)
        for name in names
        for index in range(len(CONVERSATIONS))
        for prompt in (False, True)
    ]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in cases)
    conversations = json.dumps(CONVERSATIONS, ensure_ascii=False)
    (OUT / "expected.json").write_text(f'{{"conversations": {conversations},\n"cases": [\n{lines}\n]}}\n')
    refused = [(one["template"], one["conversation"], one["error"]) for one in cases if "error" in one]
    print(len(cases), "cases, refused:", *refused, sep="\n")


if __name__ == "__main__":
    main()
