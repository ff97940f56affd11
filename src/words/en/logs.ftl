# Lines of a log that were not read.

log-gap-lines = log lines of { $group } (logs:FilterLogEvents)
log-gap-lines-before = log lines of { $group } before { $at } (logs:FilterLogEvents)
log-gap-not-in-time = not read within the time limit: choose a later --since
