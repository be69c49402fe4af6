#!/usr/bin/env bash
# Help, versions and wrong calls: every command explains itself, with an example, in both languages.
. "$(dirname "$0")/checks.sh"

expect 2 "Usage: sealpress COMMAND"
expect 0 "Usage: sealpress COMMAND" --help
expect 0 "sealpress 0." --version
expect 2 "there is no such command" stamp
for command in init issue key preview render photo seal templates verify; do
    expect 0 "Example: sealpress $command" "$command" --help
    lang=zh_CN.UTF-8 expect 0 "示例：sealpress $command" "$command" --help
    expect 2 "$command --help" "$command" --no-such-option
done
expect 2 "a word is missing" issue
expect 2 "--photo FILE is missing" issue order.json -o x.pdf
expect 2 "-o OUT.pdf is missing" issue order.json --photo p.jpg
expect 2 "given twice" issue a.json --photo p.jpg --photo q.jpg
expect 2 "one word too many" issue a.json b.json --photo p.jpg -o x.pdf
expect 2 "a value must follow" issue a.json --photo
expect 2 "list" templates frobnicate
checked
