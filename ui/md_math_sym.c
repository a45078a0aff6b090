/* md_math_sym.c -- the symbols that LaTeX has names for. */
#include "md_math.h"

#include <stdlib.h>
#include <string.h>

/* By name, for the search. */
static const struct msym symbols[] = {
	{ "#", "#", M_ORD }, { "$", "$", M_ORD }, { "%", "%", M_ORD },
	{ "&", "&", M_ORD }, { "AA", "Å", M_ORD }, { "Box", "□", M_ORD },
	{ "C", "ℂ", M_ORD }, { "Delta", "Δ", M_ORD },
	{ "Downarrow", "⇓", M_REL }, { "Gamma", "Γ", M_ORD },
	{ "Im", "ℑ", M_ORD }, { "Lambda", "Λ", M_ORD },
	{ "Leftarrow", "⇐", M_REL }, { "Leftrightarrow", "⇔", M_REL },
	{ "Longleftarrow", "⟸", M_REL }, { "Longleftrightarrow", "⟺", M_REL },
	{ "Longrightarrow", "⟹", M_REL }, { "N", "ℕ", M_ORD },
	{ "Omega", "Ω", M_ORD }, { "P", "¶", M_ORD }, { "Phi", "Φ", M_ORD },
	{ "Pi", "Π", M_ORD }, { "Pr", "Pr", M_LIM }, { "Psi", "Ψ", M_ORD },
	{ "Q", "ℚ", M_ORD }, { "R", "ℝ", M_ORD }, { "Re", "ℜ", M_ORD },
	{ "Reals", "ℝ", M_ORD }, { "Rightarrow", "⇒", M_REL },
	{ "S", "§", M_ORD }, { "Sigma", "Σ", M_ORD }, { "Theta", "Θ", M_ORD },
	{ "Tr", "Tr", M_OP }, { "Uparrow", "⇑", M_REL },
	{ "Updownarrow", "⇕", M_REL }, { "Upsilon", "Υ", M_ORD },
	{ "Vdash", "⊩", M_REL }, { "Vert", "‖", M_ORD }, { "Xi", "Ξ", M_ORD },
	{ "Z", "ℤ", M_ORD }, { "_", "_", M_ORD }, { "aleph", "ℵ", M_ORD },
	{ "alpha", "α", M_ORD }, { "amalg", "⨿", M_BIN },
	{ "angle", "∠", M_ORD }, { "approx", "≈", M_REL },
	{ "approxeq", "≊", M_REL }, { "arccos", "arccos", M_OP },
	{ "arcsin", "arcsin", M_OP }, { "arctan", "arctan", M_OP },
	{ "arg", "arg", M_OP }, { "argmax", "arg\u00A0max", M_LIM },
	{ "argmin", "arg\u00A0min", M_LIM }, { "ast", "∗", M_BIN },
	{ "asymp", "≍", M_REL }, { "backprime", "‵", M_ORD },
	{ "backslash", "\\", M_ORD }, { "barwedge", "⊼", M_BIN },
	{ "because", "∵", M_ORD }, { "beta", "β", M_ORD },
	{ "beth", "ℶ", M_ORD }, { "between", "≬", M_REL },
	{ "bigcap", "⋂", M_BIG }, { "bigcup", "⋃", M_BIG },
	{ "bigodot", "⨀", M_BIG }, { "bigoplus", "⨁", M_BIG },
	{ "bigotimes", "⨂", M_BIG }, { "bigsqcup", "⨆", M_BIG },
	{ "bigstar", "★", M_ORD }, { "bigtriangledown", "▽", M_BIN },
	{ "bigtriangleup", "△", M_BIN }, { "biguplus", "⨄", M_BIG },
	{ "bigvee", "⋁", M_BIG }, { "bigwedge", "⋀", M_BIG },
	{ "blacksquare", "■", M_ORD }, { "bot", "⊥", M_ORD },
	{ "bowtie", "⋈", M_REL }, { "boxplus", "⊞", M_BIN },
	{ "boxtimes", "⊠", M_BIN }, { "bullet", "•", M_BIN },
	{ "cap", "∩", M_BIN }, { "cdot", "·", M_BIN },
	{ "cdotp", "·", M_PUNCT }, { "cdots", "⋯", M_ORD },
	{ "checkmark", "✓", M_ORD }, { "chi", "χ", M_ORD },
	{ "circ", "∘", M_BIN }, { "circlearrowleft", "↺", M_REL },
	{ "circlearrowright", "↻", M_REL }, { "clubsuit", "♣", M_ORD },
	{ "colon", ":", M_ORD }, { "coloneq", "≔", M_REL },
	{ "coloneqq", "≔", M_REL }, { "complement", "∁", M_ORD },
	{ "cong", "≅", M_REL }, { "coprod", "∐", M_BIG },
	{ "copyright", "©", M_ORD }, { "cos", "cos", M_OP },
	{ "cosh", "cosh", M_OP }, { "cot", "cot", M_OP },
	{ "coth", "coth", M_OP }, { "csc", "csc", M_OP },
	{ "cup", "∪", M_BIN }, { "dagger", "†", M_ORD },
	{ "dashv", "⊣", M_REL }, { "ddagger", "‡", M_ORD },
	{ "ddots", "⋱", M_ORD }, { "deg", "deg", M_OP },
	{ "degree", "°", M_ORD }, { "delta", "δ", M_ORD },
	{ "det", "det", M_LIM }, { "diamond", "⋄", M_ORD },
	{ "diamondsuit", "♢", M_ORD }, { "dim", "dim", M_OP },
	{ "div", "÷", M_BIN }, { "divides", "∣", M_REL },
	{ "doteq", "≐", M_REL }, { "dotplus", "∔", M_BIN },
	{ "dots", "…", M_ORD }, { "dotsb", "⋯", M_ORD },
	{ "dotsc", "…", M_ORD }, { "dotsm", "⋯", M_ORD },
	{ "downarrow", "↓", M_REL }, { "ell", "ℓ", M_ORD },
	{ "emptyset", "∅", M_ORD }, { "epsilon", "ϵ", M_ORD },
	{ "eqqcolon", "≕", M_REL }, { "equiv", "≡", M_REL },
	{ "eta", "η", M_ORD }, { "eth", "ð", M_ORD }, { "euro", "€", M_ORD },
	{ "exists", "∃", M_ORD }, { "exp", "exp", M_OP },
	{ "flat", "♭", M_ORD }, { "forall", "∀", M_ORD },
	{ "frown", "⌢", M_REL }, { "gamma", "γ", M_ORD },
	{ "gcd", "gcd", M_LIM }, { "ge", "≥", M_REL }, { "geq", "≥", M_REL },
	{ "geqslant", "⩾", M_REL }, { "gets", "←", M_REL },
	{ "gg", "≫", M_REL }, { "ggg", "⋙", M_REL }, { "gt", ">", M_REL },
	{ "gtrless", "≷", M_REL }, { "gtrsim", "≳", M_REL },
	{ "hbar", "ℏ", M_ORD }, { "heartsuit", "♡", M_ORD },
	{ "hom", "hom", M_OP }, { "hookleftarrow", "↩", M_REL },
	{ "hookrightarrow", "↪", M_REL }, { "iff", "⟺", M_REL },
	{ "iiint", "∭", M_OP }, { "iint", "∬", M_OP }, { "imath", "ı", M_ORD },
	{ "impliedby", "⟸", M_REL }, { "implies", "⟹", M_REL },
	{ "in", "∈", M_REL }, { "inf", "inf", M_LIM }, { "infty", "∞", M_ORD },
	{ "injlim", "inj\u00A0lim", M_LIM }, { "int", "∫", M_OP },
	{ "intop", "∫", M_OP }, { "iota", "ι", M_ORD },
	{ "jmath", "ȷ", M_ORD }, { "kappa", "κ", M_ORD },
	{ "ker", "ker", M_OP }, { "lVert", "‖", M_ORD },
	{ "lambda", "λ", M_ORD }, { "land", "∧", M_BIN },
	{ "langle", "⟨", M_OPEN }, { "lbrace", "{", M_OPEN },
	{ "lbrack", "[", M_ORD }, { "lceil", "⌈", M_OPEN },
	{ "lcm", "lcm", M_OP }, { "ldotp", ".", M_PUNCT },
	{ "ldots", "…", M_ORD }, { "le", "≤", M_REL },
	{ "leadsto", "⇝", M_REL }, { "leftarrow", "←", M_REL },
	{ "leftharpoondown", "↽", M_REL }, { "leftharpoonup", "↼", M_REL },
	{ "leftrightarrow", "↔", M_REL }, { "leftrightharpoons", "⇋", M_REL },
	{ "leq", "≤", M_REL }, { "leqslant", "⩽", M_REL },
	{ "lessgtr", "≶", M_REL }, { "lesssim", "≲", M_REL },
	{ "lfloor", "⌊", M_OPEN }, { "lg", "lg", M_OP },
	{ "lim", "lim", M_LIM }, { "liminf", "lim\u00A0inf", M_LIM },
	{ "limsup", "lim\u00A0sup", M_LIM }, { "ll", "≪", M_REL },
	{ "llcorner", "⌞", M_OPEN }, { "lll", "⋘", M_REL },
	{ "ln", "ln", M_OP }, { "lnot", "¬", M_ORD }, { "log", "log", M_OP },
	{ "longleftarrow", "⟵", M_REL }, { "longleftrightarrow", "⟷", M_REL },
	{ "longmapsto", "⟼", M_REL }, { "longrightarrow", "⟶", M_REL },
	{ "lor", "∨", M_BIN }, { "lparen", "(", M_OPEN },
	{ "lrcorner", "⌟", M_CLOSE }, { "lt", "<", M_REL },
	{ "ltimes", "⋉", M_BIN }, { "lvert", "|", M_ORD },
	{ "mapsto", "↦", M_REL }, { "max", "max", M_LIM },
	{ "measuredangle", "∡", M_ORD }, { "mho", "℧", M_ORD },
	{ "mid", "|", M_REL }, { "min", "min", M_LIM }, { "mod", "mod", M_OP },
	{ "models", "⊨", M_REL }, { "mp", "∓", M_BIN }, { "mu", "μ", M_ORD },
	{ "nRightarrow", "⇏", M_REL }, { "nabla", "∇", M_ORD },
	{ "natnums", "ℕ", M_ORD }, { "natural", "♮", M_ORD },
	{ "ncong", "≇", M_REL }, { "ne", "≠", M_REL },
	{ "nearrow", "↗", M_REL }, { "neg", "¬", M_ORD },
	{ "neq", "≠", M_REL }, { "nexists", "∄", M_ORD },
	{ "ngeq", "≱", M_REL }, { "ngtr", "≯", M_REL }, { "ni", "∋", M_REL },
	{ "nleftarrow", "↚", M_REL }, { "nleq", "≰", M_REL },
	{ "nless", "≮", M_REL }, { "nmid", "∤", M_REL },
	{ "notin", "∉", M_REL }, { "nparallel", "∦", M_REL },
	{ "nrightarrow", "↛", M_REL }, { "nsubseteq", "⊈", M_REL },
	{ "nsupseteq", "⊉", M_REL }, { "nu", "ν", M_ORD },
	{ "nvdash", "⊬", M_REL }, { "nwarrow", "↖", M_REL },
	{ "odot", "⊙", M_BIN }, { "oiint", "∯", M_OP }, { "oint", "∮", M_OP },
	{ "omega", "ω", M_ORD }, { "omicron", "ο", M_ORD },
	{ "ominus", "⊖", M_BIN }, { "oplus", "⊕", M_BIN },
	{ "oslash", "⊘", M_BIN }, { "otimes", "⊗", M_BIN },
	{ "owns", "∋", M_REL }, { "parallel", "∥", M_REL },
	{ "partial", "∂", M_ORD }, { "perp", "⊥", M_REL },
	{ "phi", "ϕ", M_ORD }, { "pi", "π", M_ORD }, { "pm", "±", M_BIN },
	{ "pounds", "£", M_ORD }, { "prec", "≺", M_REL },
	{ "preceq", "⪯", M_REL }, { "prime", "′", M_ORD },
	{ "prod", "∏", M_BIG }, { "projlim", "proj\u00A0lim", M_LIM },
	{ "propto", "∝", M_REL }, { "psi", "ψ", M_ORD }, { "qed", "∎", M_ORD },
	{ "rVert", "‖", M_ORD }, { "rangle", "⟩", M_CLOSE },
	{ "rank", "rank", M_OP }, { "rbrace", "}", M_CLOSE },
	{ "rbrack", "]", M_ORD }, { "rceil", "⌉", M_CLOSE },
	{ "restriction", "↾", M_REL }, { "rfloor", "⌋", M_CLOSE },
	{ "rho", "ρ", M_ORD }, { "rightarrow", "→", M_REL },
	{ "rightharpoondown", "⇁", M_REL }, { "rightharpoonup", "⇀", M_REL },
	{ "rightleftarrows", "⇄", M_REL }, { "rightleftharpoons", "⇌", M_REL },
	{ "rightsquigarrow", "⇝", M_REL }, { "rparen", ")", M_CLOSE },
	{ "rtimes", "⋊", M_BIN }, { "rvert", "|", M_ORD },
	{ "searrow", "↘", M_REL }, { "sec", "sec", M_OP },
	{ "setminus", "∖", M_BIN }, { "sgn", "sgn", M_OP },
	{ "sharp", "♯", M_ORD }, { "sigma", "σ", M_ORD },
	{ "sim", "∼", M_REL }, { "simeq", "≃", M_REL }, { "sin", "sin", M_OP },
	{ "sinh", "sinh", M_OP }, { "smallsetminus", "∖", M_BIN },
	{ "smile", "⌣", M_REL }, { "spadesuit", "♠", M_ORD },
	{ "sqcap", "⊓", M_BIN }, { "sqcup", "⊔", M_BIN },
	{ "sqsubset", "⊏", M_REL }, { "sqsubseteq", "⊑", M_REL },
	{ "sqsupset", "⊐", M_REL }, { "sqsupseteq", "⊒", M_REL },
	{ "square", "□", M_ORD }, { "star", "⋆", M_BIN },
	{ "subset", "⊂", M_REL }, { "subseteq", "⊆", M_REL },
	{ "subsetneq", "⊊", M_REL }, { "succ", "≻", M_REL },
	{ "succeq", "⪰", M_REL }, { "sum", "∑", M_BIG },
	{ "sup", "sup", M_LIM }, { "supset", "⊃", M_REL },
	{ "supseteq", "⊇", M_REL }, { "supsetneq", "⊋", M_REL },
	{ "surd", "√", M_ORD }, { "swarrow", "↙", M_REL },
	{ "tan", "tan", M_OP }, { "tanh", "tanh", M_OP },
	{ "tau", "τ", M_ORD }, { "therefore", "∴", M_ORD },
	{ "theta", "θ", M_ORD }, { "times", "×", M_BIN }, { "to", "→", M_REL },
	{ "top", "⊤", M_ORD }, { "tr", "tr", M_OP },
	{ "triangle", "△", M_ORD }, { "triangleleft", "◁", M_BIN },
	{ "triangleq", "≜", M_REL }, { "triangleright", "▷", M_BIN },
	{ "twoheadrightarrow", "↠", M_REL }, { "ulcorner", "⌜", M_OPEN },
	{ "uparrow", "↑", M_REL }, { "updownarrow", "↕", M_REL },
	{ "upharpoonright", "↾", M_REL }, { "uplus", "⊎", M_BIN },
	{ "upsilon", "υ", M_ORD }, { "urcorner", "⌝", M_CLOSE },
	{ "vDash", "⊨", M_REL }, { "varepsilon", "ε", M_ORD },
	{ "varnothing", "∅", M_ORD }, { "varphi", "φ", M_ORD },
	{ "varpi", "ϖ", M_ORD }, { "varpropto", "∝", M_REL },
	{ "varrho", "ϱ", M_ORD }, { "varsigma", "ς", M_ORD },
	{ "vartheta", "ϑ", M_ORD }, { "vdash", "⊢", M_REL },
	{ "vdots", "⋮", M_ORD }, { "vee", "∨", M_BIN },
	{ "veebar", "⊻", M_BIN }, { "vert", "|", M_ORD },
	{ "wedge", "∧", M_BIN }, { "wp", "℘", M_ORD }, { "wr", "≀", M_BIN },
	{ "xi", "ξ", M_ORD }, { "xor", "⊕", M_BIN }, { "zeta", "ζ", M_ORD },
	{ "{", "{", M_OPEN }, { "|", "‖", M_ORD }, { "}", "}", M_CLOSE },
};

struct key {
	const char *s;
	size_t n;
};

static int
compare(const void *a, const void *b)
{
	const struct key *k = a;
	const struct msym *m = b;
	int c = strncmp(k->s, m->name, k->n);

	return c ? c : -(m->name[k->n] != '\0');
}

const struct msym *
md_math_symbol(const char *name, size_t n)
{
	struct key k = { name, n };

	return bsearch(&k, symbols, sizeof(symbols) / sizeof(symbols[0]),
	    sizeof(symbols[0]), compare);
}

/* Text that stands for itself, by class. */
static const struct { const char *chars; enum mclass class; } classes[] = {
	{ "+", M_BIN }, { "-", M_BIN }, { "*", M_BIN }, { "±", M_BIN },
	{ "×", M_BIN }, { "÷", M_BIN }, { "·", M_BIN }, { "∧", M_BIN },
	{ "∨", M_BIN }, { "∪", M_BIN }, { "∩", M_BIN }, { "−", M_BIN },
	{ "=", M_REL }, { "<", M_REL }, { ">", M_REL }, { ":", M_REL },
	{ "≤", M_REL }, { "≥", M_REL }, { "≠", M_REL }, { "≈", M_REL },
	{ "→", M_REL }, { "⇒", M_REL }, { "∈", M_REL }, { "≡", M_REL },
	{ "(", M_OPEN }, { "[", M_OPEN }, { ")", M_CLOSE }, { "]", M_CLOSE },
	{ ",", M_PUNCT }, { ";", M_PUNCT }, { "∑", M_BIG }, { "∏", M_BIG },
	{ "!", M_CLOSE }, { "?", M_CLOSE },
};

enum mclass
md_math_class(const char *s, size_t n)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strlen(classes[i].chars) == n &&
		    !memcmp(classes[i].chars, s, n))
			return classes[i].class;
	return M_ORD;
}
