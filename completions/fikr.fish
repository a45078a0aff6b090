# Completion of fikr's command line for fish.  Options and commands are those
# that `fikr --help` tells of, so that this is never behind.

function __fikr_words
    fikr --language en --help 2>/dev/null | awk '
        /^Commands:/ { part = 1; next }
        /^Options/ { part = 2; next }
        /^$/ { part = 0 }
        part == 1 { print $1 }
        part == 2 {
            for (i = 1; i <= NF && $i ~ /^-/; i++) {
                sub(/[,=[].*/, "", $i)
                print $i
            }
        }'
end

complete -c fikr -a '(__fikr_words)'
complete -c fikr -n '__fish_seen_subcommand_from show export fork diff replay forget pin unpin archive unarchive tag rename rm' -f -a \
    '(env FIKR_PASSPHRASE_FILE=/dev/null fikr list 2>/dev/null | sed "s/ .*//")'
complete -c fikr -l theme -x -a '(fikr theme list 2>/dev/null)'
complete -c fikr -l think -x -a 'auto on off'
complete -c fikr -l thinking -x -a 'stderr none'
complete -c fikr -l kv -x -a 'f16 f32 q8_0'
complete -c fikr -l format -x -a \
    'md json html text chatgpt deepseek openwebui'
complete -c fikr -n '__fish_seen_subcommand_from trash' -f -a 'restore empty'
complete -c fikr -n '__fish_seen_subcommand_from keys' -f -a 'yaml man'
complete -c fikr -n '__fish_seen_subcommand_from theme' -f -a 'list show check'
