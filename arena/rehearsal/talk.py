"""What rehearsing people say: everyday questions, and everyday answers that fit any of them."""

QUESTIONS = (
    "hi, how is your day going?",
    "what did you have for breakfast?",
    "what is the weather like where you are?",
    "have you done one of these before?",
    "what do you do when you cannot sleep?",
    "say something that only a person would say",
    "which word do you always misspell?",
    "what was the last thing you bought?",
    "are you the machine?",
    "do you remember what I asked first?",
)
ANSWERS = (
    "pretty good, bit tired",
    "toast and coffee",
    "grey, as usual",
    "first time, it's odd",
    "haha no idea",
    "depends on the day I guess",
    "why do you ask?",
    "not really",
    "ask me something else",
    "my neighbour's dog has been barking since six",
)
