#!/bin/sh
# The borders of the house: would catch a file that includes what it must not
# know, and a program linked with a library that is not its business.  TAP.
srcdir=${srcdir:-.}
top=$srcdir
[ -d "$top/engine" ] || top=$srcdir/..
n=0
check() { # NAME LINES-THAT-MUST-BE-NONE
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "$2" | sed 's/^/# /'
	fi
}
includes() { # FOLDER HEADERS-REGEX [FILES THAT MAY]
	grep -lE "^[[:space:]]*#[[:space:]]*include [<\"]($2)[>\"]" \
	    "$top"/$1/*.[ch] 2>/dev/null |
	    grep -vE "/(${3:-none})\$"
}
heads() { # the headers of a folder as a regex
	(cd "$top/$1" && ls *.h) | sed 's/\./\\./' | paste -sd '|'
}

echo 1..9
check "engine/ includes nothing of ui/" "$(includes engine "$(heads ui)")"
check "ui/ includes nothing of engine/" "$(includes ui "$(heads engine)")"
check "src/ includes nothing of engine/" "$(includes src "$(heads engine)")"
check "src/ includes nothing of ui/ but ui.h in main.c" \
    "$(includes src "$(heads ui)" 'main\.c')"
check "curses in one file" \
    "$(includes '*' '(ncursesw/)?(n?curses|term)\.h' screen_curses.c)"
check "readline in one file" "$(includes '*' 'readline/.*' editor.c)"
check "libyaml in two files" "$(includes '*' 'yaml\.h' '(ytree|ywrite)\.c')"
check "BLAS in one file" "$(includes '*' 'cblas\.h' kern_blas.c)"

libs() { ldd "$1" 2>/dev/null | awk '{print $1}'; }
if command -v ldd >/dev/null && [ -x fikr-worker ]; then
	check "libraries of the screen and of the engine stay apart" "$(
	    libs ./fikr-worker | grep -E 'curses|readline|md4c|tinfo'
	    libs ./fikr | grep -E 'blas|nettle')"
else
	echo "ok 9 # SKIP no ldd, or no programs here"
fi
