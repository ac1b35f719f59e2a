# Makes comments of the headers known to Doxygen, without a mark of Doxygen's in the headers: what
# stands before a declaration is its text, what stands behind one on its line too, and the comment
# that begins a file is the file's.

# Marks that mean something to Doxygen mean nothing in our comments, but in `code`.
function plain(text,    parts, n, i, out) {
  n = split(text, parts, "`")
  for (i = 1; i <= n; ++i) {
    if (i % 2 == 1 || i == n) {
      gsub(/\\/, "\\\\\\\\", parts[i]); gsub(/@/, "\\@", parts[i]); gsub(/#/, "\\#", parts[i])
      gsub(/</, "\\\\<", parts[i]); gsub(/>/, "\\\\>", parts[i])
    }
    out = out (i > 1 ? "`" : "") parts[i]
  }
  return out
}

# A line of a comment, without its own mark and with Doxygen's. What is indented is an example, or a
# table: shown as it is, from a block of its own.
function shown(text,    out) {
  if (text ~ /^ *- /) in_list = 1
  else if (text !~ /^   /) in_list = 0
  if (text ~ /^   / && !in_list) {
    out = in_example ? "" : " * @verbatim\n"
    in_example = 1
    return out substr(text, 4)
  }
  return ended() " *" plain(text)
}
function ended() {
  if (!in_example) return ""
  in_example = 0
  return "@endverbatim\n"
}
# Whether what begins behind this code speaks of it: not within a text, nor of what ends or begins.
function isAbout(code) {
  gsub(/\\"/, "", code); gsub(/[ \t]+$/, "", code)
  return code ~ /[^ \t]/ && code !~ /^[ \t]*[#}]/ && code !~ /[{(]$/ && gsub(/"/, "", code) % 2 == 0
}

FNR == 1 { at_top = 1; in_block = 0; in_lines = 0; behind = 0; in_example = 0 }

# A parameter that has no use for its name here: /*limits*/
{
  while (match($0, / \/\*[a-z_]+\*\/[,)]/))
    $0 = substr($0, 1, RSTART) substr($0, RSTART + 3, RLENGTH - 6) substr($0, RSTART + RLENGTH - 1)
}

# /* ... */, over several lines.
in_block {
  line = $0; is_end = line ~ /\*\//
  sub(/\*\/.*$/, "", line); sub(/^[ \t]*\*?/, "", line); sub(/[ \t]+$/, "", line)
  print shown(line)
  if (is_end) { print ended() " */"; in_block = 0 }
  next
}
match($0, /\/\*/) && ($0 ~ /^[ \t]*\/\*/ || isAbout(substr($0, 1, RSTART - 1))) {
  code = substr($0, 1, RSTART - 1); line = substr($0, RSTART + 2)
  in_block = line !~ /\*\//
  sub(/ *\*\/.*$/, "", line)
  print code (code ~ /[^ \t]/ ? "/**<" : at_top ? "/** @file\n *" : "/**") plain(line) (in_block ? "" : " */")
  in_list = 0; at_top = 0
  next
}

# // lines.
/^[ \t]*\/\// {
  match($0, /\/\//); line = substr($0, RSTART + 2)
  gsub(/\*\//, "* /", line)
  if (behind == RSTART) { print "///<" plain(line); next }
  behind = 0
  if (!in_lines) { print at_top ? "/** @file" : "/**"; in_list = 0 }
  in_lines = 1; at_top = 0
  print shown(line)
  next
}
in_lines { print ended() " */"; in_lines = 0 }
match($0, / \/\/ /) && isAbout(substr($0, 1, RSTART)) {
  behind = RSTART + 1
  print substr($0, 1, RSTART) "///<" plain(substr($0, RSTART + 3))
  at_top = 0
  next
}
{ behind = 0; if ($0 ~ /[^ \t]/) at_top = 0; print }
