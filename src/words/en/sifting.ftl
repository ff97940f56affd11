# What a filter at work says, in the title of the list.

sifting-progress = filtering: { $done } of { $all } messages, Esc stops
