"""Strings on which two tokenizers most easily disagree."""

TRICKY = [
    "", " ", "  ", "   three", "a", "The whale", " the whale", "Call me Ishmael.", "Call me Ishmael. Some years ago",
    "It is a truth universally acknowledged,", "double  space", "triple   space  and two", "trailing space ",
    "trailing two  ", "line\nbreak", "blank\n\nline", "\n", "\n\n\n", " \n ", "tab\tbetween", "\t\ttabs first",
    "carriage\r\nreturn", "1851", "In 1851, $2,724,426.50 was paid", " 7 77 777", "No. 3-4; 50%", "don't can't we'll they've I'm he'd you're it's",
    "DON'T SHOUT", "O'Brien's 'quoted' words", '"Oh!" said she--"never."', "--dashes--and...dots", "(applause) [sic] {x}",
    "fellow-citizens", "CamelCaseWord and snake_case_word", "http://example.com/a?b=c&d=e#f", "a@b.c", "antidisestablishmentarianism",
    "caf\u00e9", "cafe\u0301", "na\u00efve r\u00f4le", "\u201ccurly\u201d \u2018quotes\u2019", "em\u2014dash en\u2013dash", "\u00a0no-break\u00a0space",
    "\u043f\u0440\u0438\u0432\u0435\u0442 \u043c\u0438\u0440", "\u65e5\u672c\u8a9e\u306e\u6587", "\u05e9\u05dc\u05d5\u05dd", "\U0001f40b whale \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u0663\u0664 \u00bd \u2167", "\u200bzero\u200bwidth", "\ufeffmark", "x\u2028y\u2003z", "<|endoftext|>", "one<|endoftext|>two", " <|endoftext|> ", "<|endoftext", "null\x00byte",
    "a" * 40, "ha" * 20, "!?!?!?", "~`^\\|",
]
