# fikr.1.awk -- the manual page fikr(1), from `fikr --help` and `--version`.
function tt(s) {
	gsub(/\\/, "\\\\", s)
	gsub(/-/, "\\-", s)
	return s ~ /^[.']/ ? "\\&" s : s
}

# What help says stands from column 27 on.
function item(s) {
	head = substr(s, 1, 26)
	gsub(/^ +| +$/, "", head)
	gsub(/  +/, " ", head)
	print ".TP\n.B " tt(head)
	print tt(substr(s, 27))
}

NR == 1 {
	print ".TH FIKR 1 \"\" \"" $0 "\""
	print ".SH NAME\nfikr \\- chat with a reasoning model on this " \
	    "computer's processor\n.SH SYNOPSIS\n.B fikr\n.RI [ options ]\n" \
	    ".RI [ command ]"
	next
}
/^Usage:/ { part = ""; next }
/^Commands:$/ { part = "item"; print ".SH COMMANDS"; next }
/^Options:$/ { part = "item"; print ".SH OPTIONS"; next }
/^Options of .*:$/ {
	part = "item"
	sub(/:$/, "")
	print ".SS " tt($0)
	next
}
/^Exit status:/ {
	part = "text"
	sub(/^Exit status: /, "")
	print ".SH EXIT STATUS"
}
/^Files:/ { part = "text"; sub(/^Files: /, ""); print ".SH FILES" }
/^$/ { next }
part == "item" { item($0) }
part == "text" { print tt($0) }
END {
	print ".SH SEE ALSO\n.BR fikr\\-keys (7);\nthe keys of the screen"
}
