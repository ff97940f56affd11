# The help.

help-title = Help
help-keys-chain = Keys
help-keys-retries = Retries
help-keys-logs = Logs
help-keys-invocations = Invocations
help-keys-table = Tables
help-keys-dead-letters = Dead letters
help-keys-pane = In every pane
help-keys-demo = In the demonstration
help-keys-always = Everywhere

help-boxes = Boxes
help-box-failing = Failing or Lost
help-box-warning = Warning
help-box-disabled = Disabled
help-box-unknown = Unknown: nothing was read of it
help-box-ok = OK
help-stale = may be out of date
help-lines = Lines
help-line-configured = configured
help-line-inferred = inferred, or allowed by policy only
help-line-backing = its queue is backing up
help-line-dead = to a dead-letter queue
help-line-cut = disabled, or nothing can arrive
help-traffic = Traffic
help-marble = observed just now
help-marble-old = observed a while ago
help-marble-inferred = inferred from what came after
help-keys-stage = On the stage
