# What a filter or a search at work says, in the title of the list.

sifting-progress = filtering: { $done } of { $all } messages, Esc stops
sifting-search = searching, Esc stops
