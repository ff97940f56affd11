# What is asked in the last line.

ask-text = only messages that contain:
ask-jq = only messages that match this jq condition:
ask-export = export the messages to this file:
ask-delete-to = first export the messages to this file:
ask-delete-name = type { $queue } to delete these messages for good:
ask-read-anyway = type "{ $word }" to read it anyway:
ask-elsewhere = queue or function to send to (empty: where each came from):
ask-redrive-name = type { $queue } to redrive:
