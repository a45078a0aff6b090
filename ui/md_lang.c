/* md_lang.c -- what the lexer knows of each language. */
#include "md_lex.h"

#include <string.h>

#define LINE(o) { o, NULL, false, false, false, false, STYLE_CODE_COMMENT }
#define HASH { "#", NULL, false, false, false, true, STYLE_CODE_COMMENT }
#define BLOCK(o, c) { o, c, false, true, false, false, STYLE_CODE_COMMENT }
#define NESTED(o, c) { o, c, false, true, true, false, STYLE_CODE_COMMENT }
#define STRING(q) { q, q, true, false, false, false, STYLE_CODE_STRING }
#define LONG(o, c) { o, c, true, true, false, false, STYLE_CODE_STRING }
#define RAW(o, c) { o, c, false, true, false, false, STYLE_CODE_STRING }

#define C_WORDS " auto break case char const continue default do double else" \
	" enum extern float for goto if inline int long register return short" \
	" signed sizeof static struct switch typedef union unsigned void" \
	" volatile while bool true false NULL size_t int8_t int16_t int32_t" \
	" int64_t uint8_t uint16_t uint32_t uint64_t "

static const struct md_lang langs[] = {
{ " c h ", C_WORDS, { BLOCK("/*", "*/"), LINE("//"), STRING("\""),
	STRING("'") }, LEX_DIRECTIVE },
{ " cpp c++ cc cxx hpp cuda arduino objc objectivec ", C_WORDS
	"alignas catch class co_await co_return co_yield concept consteval"
	" constexpr const_cast decltype delete dynamic_cast explicit export"
	" final friend mutable namespace new noexcept nullptr operator"
	" override private protected public reinterpret_cast requires"
	" static_assert static_cast template this throw try typename using"
	" virtual wchar_t ",
	{ RAW("R\"(", ")\""), BLOCK("/*", "*/"), LINE("//"), STRING("\""),
	STRING("'") }, LEX_DIRECTIVE | LEX_CAPS },
{ " python py python3 ipython pycon ", " False None True and as assert async"
	" await break class continue def del elif else except finally for from"
	" global if import in is lambda match case nonlocal not or pass raise"
	" return self try while with yield ",
	{ LONG("\"\"\"", "\"\"\""), LONG("'''", "'''"), STRING("\""),
	STRING("'"), LINE("#") }, LEX_CAPS | LEX_SIGILS },
{ " javascript js jsx typescript ts tsx mjs node ", " abstract any as async"
	" await boolean break case catch class const continue debugger"
	" declare default delete do else enum export extends false finally"
	" for from function get if implements import in instanceof interface"
	" keyof let namespace never new null number of private protected"
	" public readonly return set static string super switch this throw"
	" true try type typeof undefined unknown var void while with yield ",
	{ BLOCK("/*", "*/"), LINE("//"), LONG("`", "`"), STRING("\""),
	STRING("'") }, LEX_CAPS | LEX_SIGILS },
{ " java kotlin kt scala csharp cs c# swift dart groovy ", " abstract as"
	" assert async await base boolean break byte case catch char class"
	" const continue data decimal def default do double else enum"
	" extends extension false final finally float for foreach fun func"
	" guard if implements import in init instanceof int interface"
	" internal is let long match namespace native new nil null object"
	" open operator out override package private protected public"
	" readonly record return sealed self short static string struct"
	" super switch synchronized this throw throws trait transient true"
	" try type typeof using val var virtual void volatile when where"
	" while with yield ",
	{ LONG("\"\"\"", "\"\"\""), BLOCK("/*", "*/"), LINE("//"),
	STRING("\""), STRING("'") }, LEX_CAPS | LEX_SIGILS },
{ " go golang ", " any bool break byte case chan const continue default defer"
	" else error fallthrough false float32 float64 for func go goto if"
	" import int int8 int16 int32 int64 interface iota map nil package"
	" range return rune select string struct switch true type uint uint8"
	" uint16 uint32 uint64 uintptr var ",
	{ BLOCK("/*", "*/"), LINE("//"), RAW("`", "`"), STRING("\""),
	STRING("'") }, 0 },
{ " rust rs ", " as async await bool break char const continue crate dyn else"
	" enum extern f32 f64 false fn for i8 i16 i32 i64 i128 if impl in"
	" isize let loop macro_rules match mod move mut pub ref return self"
	" static str struct super trait true type u8 u16 u32 u64 u128 union"
	" unsafe use usize where while ",
	{ NESTED("/*", "*/"), LINE("//"), RAW("r#\"", "\"#"),
	LONG("\"", "\"") }, LEX_CAPS | LEX_PRIME },
{ " sh bash zsh shell fish ksh dockerfile docker makefile make ",
	" alias break case cd continue declare do done echo elif else esac eval"
	" exec exit export fi for function if in local printf read readonly"
	" return select set shift source sudo then trap unset until while"
	" FROM RUN CMD COPY ENV WORKDIR ENTRYPOINT EXPOSE ARG ",
	{ HASH, RAW("'", "'"), LONG("\"", "\"") }, LEX_SIGILS | LEX_DASH },
{ " sql mysql postgresql postgres sqlite plsql tsql ", " add all alter and as"
	" asc begin between bigint boolean by case char check column commit"
	" constraint create cross database date default delete desc distinct"
	" drop else end exists explain false float foreign from full function"
	" grant group having if in index inner insert int integer intersect"
	" into is join key left like limit not null numeric offset on or"
	" order outer over partition primary real references returning right"
	" rollback select serial set table text then timestamp true union"
	" unique update using values varchar view when where with ",
	{ BLOCK("/*", "*/"), LINE("--"), RAW("'", "'"), STRING("\"") },
	LEX_ICASE },
{ " json jsonc json5 jsonl ", " true false null ",
	{ STRING("\""), BLOCK("/*", "*/"), LINE("//") }, LEX_KEYS },
{ " yaml yml toml ini properties conf ", " true false null yes no on off ",
	{ HASH, LONG("\"\"\"", "\"\"\""), STRING("\""), STRING("'") },
	LEX_KEYS | LEX_DASH },
{ " html xml svg xhtml vue svelte rss ", " ",
	{ BLOCK("<!--", "-->"), RAW("<![CDATA[", "]]>") }, LEX_MARKUP },
{ " css scss less sass ", " important from to and not only ",
	{ BLOCK("/*", "*/"), STRING("\""), STRING("'") },
	LEX_KEYS | LEX_SIGILS | LEX_DASH },
{ " lua ", " and break do else elseif end false for function goto if in local"
	" nil not or repeat return self then true until while ",
	{ BLOCK("--[[", "]]"), LINE("--"), RAW("[[", "]]"), STRING("\""),
	STRING("'") }, 0 },
{ " ruby rb elixir ex crystal ", " alias and begin break case class def defp"
	" defmodule do else elsif end ensure false fn for if in module next"
	" nil not or raise redo require rescue retry return self super then"
	" true undef unless until when while yield ",
	{ BLOCK("=begin", "=end"), LINE("#"), LONG("\"", "\""),
	STRING("'") }, LEX_CAPS | LEX_SIGILS },
{ " php ", " abstract and array as break case catch class clone const"
	" continue declare default do echo else elseif extends false final"
	" finally fn for foreach function global if implements include"
	" instanceof interface isset list match namespace new null or print"
	" private protected public readonly require require_once return self"
	" static switch this throw trait true try unset use var while yield ",
	{ BLOCK("/*", "*/"), LINE("//"), LINE("#"), LONG("\"", "\""),
	LONG("'", "'") }, LEX_SIGILS | LEX_CAPS },
{ " haskell hs elm purescript ocaml ml fsharp ", " as case class data default"
	" deriving do else fun function if import in infix infixl infixr"
	" instance let match module mutable newtype of open qualified rec"
	" then type val where with ",
	{ NESTED("{-", "-}"), NESTED("(*", "*)"), LINE("--"),
	STRING("\"") }, LEX_CAPS | LEX_PRIME },
{ " perl pl r julia jl matlab octave tcl awk nim zig ", " and const do else"
	" elseif elsif end false fn for foreach function if in let local my"
	" next our package print pub repeat return struct sub then true"
	" unless until use using var while ",
	{ LINE("#"), STRING("\""), STRING("'") }, LEX_SIGILS },
{ " diff patch udiff ", " ", { { 0 } }, LEX_DIFF },
/* The last one is for all names that are not above. */
{ " ", " ", { LINE("//"), HASH, STRING("\"") }, 0 },
};

static const char no_code[] = " text txt plain plaintext output console log"
    " none markdown md tree csv latex tex mermaid math ";

/* Is the word in the list? */
static bool
has(const char *list, const char *s, size_t n)
{
	char want[24] = " ";

	if (n == 0 || n > sizeof(want) - 3)
		return false;
	for (size_t i = 0; i < n; i++)
		want[1 + i] = s[i] >= 'A' && s[i] <= 'Z' ?
		    (char)(s[i] | 32) : s[i];
	want[1 + n] = ' ';
	return strstr(list, want) != NULL;
}

const struct md_lang *
md_lang_find(const char *name, size_t n)
{
	size_t count = sizeof(langs) / sizeof(langs[0]);

	if (n == 0 || has(no_code, name, n))
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (has(langs[i].names, name, n))
			return &langs[i];
	return &langs[count - 1];
}
