# What is wrong in a file that a person wrote: settings, a theme, keys. After FILE:LINE, without a full stop.
file-said = { $why }
file-unknown-key = unknown key "{ $key }": { $hint }

file-account = invalid account ID "{ $name }": expected twelve digits, as in [accounts.111122223333]
file-empty = `{ $key }` is empty: expected a name, or leave it out
file-pattern = invalid pattern "{ $pattern }" ({ $why })
file-profile = profile "{ $name }" is not in the AWS configuration
file-keys-unread = could not read the keys in { $path } ({ $why })

file-no-theme = no theme "{ $name }": { $hint }
file-theme-unread = could not read the theme { $path } ({ $why }): fix it, or choose another with --theme
file-parent = no theme "{ $name }" to inherit from: { $hint }
file-own-parent = "{ $name }" inherits from itself
file-no-role = unknown role "{ $role }": { $hint }
file-role-missing = the role "{ $role }" is missing: give it a style, or write inherits = "dark"
file-not-ansi = "{ $colour }" is not one of the sixteen colours: { $hint }
file-not-rgb = invalid colour "{ $colour }": expected one such as "#1a2b3c"
file-not-in-palette = no colour "{ $colour }" in the palette: { $hint }

file-no-context = no keys for "{ $context }": { $hint }
file-not-a-list = each key needs an entry of its own: write [[{ $context }]], then { file-entry }
file-not-an-entry = a key is an entry with { file-entry }
file-unknown-field = unknown field "{ $field }" in an entry: { $hint }
file-field-missing = the entry lacks `{ $field }`: it needs { file-entry }
file-not-text = `{ $field }` must be a text in quotes
file-key-not-text = a key must be a text in quotes, such as "x" or "ctrl-d"
file-no-key = unknown key "{ $key }": write a character, or a name such as "enter", "pgdn", "f5" or "ctrl-d"
file-taken = the key { $key } means "{ $theirs }" here and "{ $known }" { $line ->
        [none] in the built-in table
       *[other] in line { $line }
    }: give one of them another key
file-no-command = unknown command "{ $command }": { $hint }
file-entry = on = ["x"] and run = "quit"

hint-nearest = the nearest is "{ $word }"
hint-one-of = expected one of { $known }
