# What the last line says until the next key.

notice-told = { $what }
notice-not-yet = no issues so far: { $why }
notice-no-issues = no issues
notice-no-issues-shown = no issues among the boxes shown
notice-inferred-edges =
    { $shown ->
        [yes] inferred edges shown
       *[no] inferred edges hidden
    }
notice-theme = theme { $name }
notice-mouse =
    { $ours ->
        [yes] mouse capture on: click to select, scroll to move
       *[no] mouse capture off: the terminal selects text
    }
notice-only-through = only the chain through { $name }; f shows all
notice-copied = copied: { $command }
notice-not-copied = not copied: { $why }
notice-no-pattern = not a regular expression yet: { $why }
notice-part-of-id = lines without this ID are hidden; o on one of these shows the whole request
notice-no-attempt = no attempt of this line was observed
notice-restarted = a part of pitagora crashed and was restarted; { $report }

notice-no-function = no function found yet
notice-no-answer = the simulated account does not answer
notice-broken = { $name } fails from now on; B fixes it
notice-fixed = { $name } is fixed
notice-throttled = { $name } is throttled from now on; C frees it
notice-not-throttled = { $name } is no longer throttled
notice-next-step = next step: { $later } later
notice-last-step = that was the last step of the script
notice-full = the simulated account holds { $held } of { $budget }: time is slowed down until messages, items and objects expire

notice-read-only-here = dead letters cannot be read or redriven here
notice-open-first = open a queue first (Enter)
notice-reading = still reading ({ $count } so far); X stops it
notice-filtering = the messages are being filtered: wait for the end, or Esc stops it
notice-not-read = nothing was read
notice-no-message = no message here
notice-function-unknown = unknown which function this message is about
notice-one-to-edit = choose one message to edit
notice-being-redriven = this queue is being redriven: edit once that is done
notice-unchanged = nothing changed
notice-edit-kept = edit kept here; the queue has the original until the redrive
notice-edit-undone = the message is as it was received
notice-edit-dropped = edit dropped
notice-no-file = no file named: nothing was written
notice-not-deleted = that is not the queue's name: nothing was deleted
notice-not-sent = that is not the queue's name: nothing was sent
notice-nothing-goes = nothing to send: the preview says why each message stays
notice-already-redriven = already redriven: it is not sent again
notice-not-redriven = nothing was redriven yet
notice-no-choice = each message names its target: nothing to choose
notice-no-move-task = SQS's move task cannot be used: { $why }

# The command for a link.

link-copies =
    { $does ->
        [pause] copies the pause command:
        [resume] copies the resume command:
       *[allow] copies the command that allows it:
    }
link-would =
    { $does ->
        [pause] AWS command that would pause it:
        [resume] AWS command that would resume it:
       *[allow] AWS command that would allow it:
    }
link-records-expire = records expire while it is paused
link-events-not-kept = events that match in the meantime are not kept
link-adds-statement = add this statement to the policy: setting a policy replaces all of it
link-demo-account = nothing outside can reach the demo's account
link-schedule = no single command pauses a schedule: aws scheduler update-schedule needs its whole definition, with --state
link-no-command = no command pauses or resumes this link

# Where the report of a crash is.

panic-written = the report is in { $path }
panic-unwritten = no report could be written ({ $why })
