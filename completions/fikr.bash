# Completion of fikr's command line for bash.  Options and commands are those
# that `fikr --help` tells of, so that this is never behind.

_fikr_words() {
	"${1:-fikr}" --language en --help 2>/dev/null | awk '
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
}

_fikr() {
	local fikr=$1 cur=$2 prev=$3 words
	case $prev in
	-m | --model)
		words=$(cd "${XDG_DATA_HOME:-$HOME/.local/share}/fikr/models" \
		    2>/dev/null && ls)
		;;
	show | verify | export | fork | diff | replay | forget | pin | unpin | \
	    archive | unarchive | tag | rename | rm)
		# This is no moment to ask for a passphrase.
		words=$(FIKR_PASSPHRASE_FILE=${FIKR_PASSPHRASE_FILE:-/dev/null} \
		    "$fikr" list 2>/dev/null | sed 's/ .*//')
		;;
	--theme) words=$("$fikr" theme list 2>/dev/null) ;;
	--think) words='auto on off' ;;
	--thinking) words='stderr none' ;;
	--kv) words='f16 f32 q8_0' ;;
	--format) words='md json html text chatgpt deepseek openwebui' ;;
	trash) words='restore empty' ;;
	keys) words='yaml man' ;;
	theme) words='list show check' ;;
	*) words=$(_fikr_words "$fikr") ;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -o default -F _fikr fikr
